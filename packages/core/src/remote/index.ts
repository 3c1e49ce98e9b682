/** @file Results that are shared with others. Nothing of it is loaded by a run that has nothing to compute. */
export { RemoteCache, type RemoteOptions, type RemoteSummary } from "./cache.js";
export { FolderStorage } from "./folder.js";
export { HttpStorage } from "./http.js";
export { type Environment, openRemoteCache, type RemoteRequest, signerFor, trustFor } from "./open.js";
export { openS3, type S3Options } from "./s3.js";
export { ServedFolder, type ServedLimits, type Stored } from "./served-folder.js";
export { createSigningKeys, openSigner, type Signer, type SigningKeys, Trust } from "./signature.js";
export type { Area, Received, RemoteStorage, Sent } from "./storage.js";
