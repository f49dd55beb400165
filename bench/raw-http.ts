import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';

/**
 * A keep-alive connection that posts ready bytes and waits for a 202 without a body. No HTTP library: it
 * must cost far less than what it measures.
 */
export type RawConnection = {
  /** Rejects on any other answer. One at a time. */
  readonly post: (request: Buffer) => Promise<void>;
  readonly close: () => void;
};

export const openRawConnection = async (port: number): Promise<RawConnection> => {
  const socket: Socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let received = '';
  let settle: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;
  const look = (): void => {
    if (!received.endsWith(END_OF_HEAD)) return;
    const [status] = received.split('\r\n', 1);
    received = '';
    if (status?.startsWith('HTTP/1.1 202 ') === true) settle?.resolve();
    else settle?.reject(new Error(`answered ${status}`));
  };
  socket.setEncoding('latin1');
  socket.on('data', (text: string) => {
    received += text;
    look();
  });
  socket.on('error', (error) => settle?.reject(error));
  socket.on('close', () => settle?.reject(new Error(`the connection was closed: ${received.slice(0, 300)}`)));
  return {
    post: (request) =>
      new Promise((resolve, reject) => {
        settle = { resolve, reject };
        socket.write(request);
      }),
    close: () => void socket.destroy(),
  };
};
