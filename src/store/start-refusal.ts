/**
 * The process must not start: what is wrong and what to do about it are in the message, which is for the
 * admin who reads the terminal. No stack trace helps there.
 */
export class StartRefusal extends Error {
  override readonly name = 'StartRefusal';
}
