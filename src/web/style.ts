/** The one style sheet. It lies in each page, allowed by its hash, so that a page is one request. */
export const STYLE = `
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5a6675;--paper:#f6f7f9;--card:#fff;--line:#dfe3e8;--link:#0b5cad}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ee;--soft:#a0abb9;--paper:#12161c;--card:#1a2029;--line:#2c3541;--link:#7cb7f5}}
*{box-sizing:border-box}
body{margin:0;padding:2rem 1rem;background:var(--paper);color:var(--ink);font:1.0625rem/1.6 system-ui,sans-serif}
main{max-width:38rem;margin:0 auto;padding:1.75rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem}
h1{margin:0;font-size:1.75rem;line-height:1.25;overflow-wrap:anywhere}
h2{margin:1.75rem 0 .25rem;font-size:1.125rem}
p{margin:.5rem 0}
code{padding:.1em .35em;background:var(--paper);border:1px solid var(--line);border-radius:.3rem;font-size:.95em;overflow-wrap:anywhere}
.picture{float:right;width:6rem;height:6rem;margin:0 0 .5rem 1rem;border-radius:.75rem}
.bio{white-space:pre-line;overflow-wrap:anywhere}
.address{margin:.25rem 0 1rem;color:var(--soft);overflow-wrap:anywhere}
a{color:var(--link)}
footer{max-width:38rem;margin:1rem auto 0;color:var(--soft);font-size:.9375rem;text-align:center}
`;
