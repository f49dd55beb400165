import processes from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const refuse = (): never => {
  throw new Error(
    'A unit test opens no socket and starts no program: see `withMachine` in vitest.config.ts.',
  );
};

// What all others of their kind go through.
net.Server.prototype.listen = refuse;
net.Socket.prototype.connect = refuse;
Object.assign(processes.ChildProcess.prototype, { spawn: refuse });
Object.assign(processes, { spawnSync: refuse, execFileSync: refuse, execSync: refuse });
syncBuiltinESMExports();
