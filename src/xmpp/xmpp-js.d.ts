/**
 * The part of @xmpp/component 0.13.1 that this folder touches: the package carries no types. Declared
 * here as it behaves, hooks of its own subclasses (`_onData` …) included, because the adapter replaces two.
 */
declare module '@xmpp/component' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';

  /** ltx's element. Attribute values come from the wire as strings; `children` mixes elements and text. */
  export interface Element {
    name: string;
    attrs: { [name: string]: string | undefined };
    children: (Element | string)[];
    parent: Element | null;
    /** The name without its prefix. */
    getName(): string;
    /** The namespace in force, looked up through the parents. */
    getNS(): string | undefined;
    toString(): string;
  }

  export interface Parser extends EventEmitter {
    root: Element | null;
    /** Throws on unknown entities and illegal character references, and then is unusable. */
    write(text: string): void;
  }

  export const xml: {
    /** Undefined and empty children are left out. Attributes of value undefined too. */
    (
      name: string,
      attrs?: { readonly [name: string]: string | undefined },
      ...children: readonly (Element | string | undefined)[]
    ): Element;
    readonly Parser: new () => Parser;
  };

  /**
   * Emits `status`, `open` (the server's stream header), `online`, `element`, `stanza`, `close`,
   * `disconnect` and `error`.
   */
  export interface Component extends EventEmitter {
    /** Milliseconds for each of its own waits. */
    timeout: number;
    socket: Socket | null;
    parser: Parser | null;
    readonly reconnect: { stop(): void };
    connect(service: string): Promise<void>;
    open(options: { domain: string; timeout: number }): Promise<Element>;
    authenticate(streamId: string, password: string): Promise<void>;
    /** Rejects when there is no socket, or when the stream is closing. */
    write(text: string): Promise<void>;
    /** Sends the closing tag, waits for the server's, ends the socket. Never rejects. */
    stop(): Promise<unknown>;
    _onData(data: Buffer): void;
    _onSeeOtherHost(error: Error): void;
  }

  export function component(options: { service: string; domain: string }): Component;
}
