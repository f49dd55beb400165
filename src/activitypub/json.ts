/** A JSON document of ours on its way out. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

export const ACTIVITY_STREAMS = 'https://www.w3.org/ns/activitystreams';
