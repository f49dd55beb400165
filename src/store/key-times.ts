/** Another process may replace a key: this one then signs with, and shows, the old one for so long. */
export const KEY_KEPT_MS = 8_000;

/**
 * The news of a key begins so long after the key, and is left for so long before anything else of its actor goes to
 * the same server: a server may take a request first and look at its signature later (snac does so after up to three
 * seconds, and at what came in no order). By the end every process signs with the new key.
 */
export const KEY_NEWS_PAUSE_MS = KEY_KEPT_MS + 2_000;
