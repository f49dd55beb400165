#!/usr/bin/env node
// NOTE: no static import of our own stands here. Imports are loaded before the first line runs, and the rest of
// the program does not load on an old Node: this file alone must, to say so.
import process from 'node:process';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 19)) {
  process.stderr.write(`causeway needs Node.js 22.19 or newer; this is ${process.versions.node}.\n`);
  process.exitCode = 69; // EX_UNAVAILABLE
} else {
  // Names are resolved on the threads on which requests are signed, four unless told. Whoever has us write to hosts
  // whose name servers never answer would hold all of them. Read when the first thread starts: so before the rest.
  process.env['UV_THREADPOOL_SIZE'] ??= '64';
  const { runProcess } = await import('./cli/run-process.ts');
  await runProcess(process);
}
