/** Whom to tell how a delivery ended: kept with the delivery, because its author may be gone by then. */
export type ReportTo =
  | {
      readonly kind: 'message';
      /** The full JID that sent the message. */
      readonly user: string;
      /** The contact's canonical bare JID: receipts come from it. */
      readonly contact: string;
      /** The bare JID that was addressed, perhaps an alias: errors come from it. */
      readonly addressed: string;
      /** The id of the message; without one no receipt or error can name it. */
      readonly stanzaId: string | undefined;
      /** XEP-0184: a receipt was asked for. */
      readonly wantsReceipt: boolean;
      /** `xml:lang` of the message: the language in which to explain a failure. */
      readonly lang: string | undefined;
    }
  | {
      readonly kind: 'follow';
      /** The bare JID that asked. */
      readonly user: string;
      readonly contact: string;
      /** The URI of who was to be followed. */
      readonly actorId: string;
    };
