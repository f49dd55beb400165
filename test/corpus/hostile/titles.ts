/** Where a test or a group of tests begins; groups are told apart by how far they stand from the margin. */
const STARTS = /^([ \t]*)(test|describe)(?=[.(])/gmu;
const TITLE = /^(?:test|describe)(?:\.each\([\s\S]*?\))?\(\s*(['"`])(.+?)\1,/u;
/** What keeps a test from being run, or lets it fail, on itself or on a group around it. */
const SILENCERS = /\.(?:skip|skipIf|runIf|todo|only|fails)\b|\b(?:skip|todo|only|fails)\s*(?:\(|:\s*true\b)/u;

const withoutComments = (source: string): string =>
  source
    .split('\n')
    .filter((line) => !/^\s*(?:\/\/|\/?\*)/u.test(line))
    .join('\n');

/**
 * The titles of the tests of a file that vitest will run, behind those of their groups (`group > title`), as they are
 * written: `%s` stays `%s`. None of what stands in a comment, and none at all where anything in the file may keep a
 * test from being run.
 */
export const titlesIn = (source: string): readonly string[] => {
  const code = withoutComments(source);
  if (SILENCERS.test(code)) return [];
  const starts = [...code.matchAll(STARTS)];
  const titles: string[] = [];
  let groups: readonly { readonly indent: number; readonly title: string }[] = [];
  for (const [place, { index, 1: { length: indent } = '', 2: name }] of starts.entries()) {
    const title = TITLE.exec(code.slice(index, starts[place + 1]?.index).trimStart())?.[2] ?? '';
    groups = groups.filter((group) => group.indent < indent);
    const path = [...groups.map((group) => group.title), title].join(' > ');
    if (name === 'describe') groups = [...groups, { indent, title }];
    else if (title !== '') titles.push(path);
  }
  return titles;
};

/** Whether there is such a test, or a group of that name with a test in it. */
export const hasTest = (source: string, title: string): boolean =>
  titlesIn(source).some((each) => each === title || each.startsWith(`${title} > `));
