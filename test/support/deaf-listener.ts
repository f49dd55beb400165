import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';

/** It listens and never accepts; once its queue is full the kernel drops what would connect (listen(2)). */
const PROGRAM = `import socket, sys
listener = socket.socket()
listener.bind(('127.0.0.1', 0))
listener.listen(0)
print(listener.getsockname()[1], flush=True)
sys.stdin.read()`;

/** More than fit into the queue: those are accepted by the kernel, what comes after them is not. */
const FILLING = 3;

/** A port at which a connection is neither taken nor refused. Node accepts at once, so this is another program. */
export const startDeafListener = async (): Promise<{
  readonly port: number;
  readonly stop: () => Promise<void>;
}> => {
  const child = spawn('python3', ['-c', PROGRAM], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const port = Number(String(line).trim());
  const filling = Array.from({ length: FILLING }, () => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    return socket;
  });
  const [first] = filling;
  if (first?.connecting === true) await once(first, 'connect');
  return {
    port,
    stop: async () => {
      for (const socket of filling) socket.destroy();
      const ended = once(child, 'close');
      child.stdin.end();
      await ended;
    },
  };
};
