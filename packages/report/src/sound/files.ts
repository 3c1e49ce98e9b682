import type { Files, NamedFile } from "@seqloom/core";
import { bytes } from "../format.js";
import { type Html, html } from "../html.js";
import type { RunView } from "../view.js";
import type { ReadPart } from "./part.js";
import { dataUri, player, type Room } from "./player.js";

/** Files of one stage that are shown. */
const SHOWN = 4;

/** Sounds and pictures among the files that stages made, by the name of the stage. */
export async function shownFiles(view: RunView, read: ReadPart, room: Room): Promise<ReadonlyMap<string, Html>> {
  const shown = new Map<string, Html>();
  for (const { name, result } of view.stages) {
    for (const output of Object.values(result.outputs)) {
      if (output.artifact !== "files") continue;
      const files = (await read(output, 0)) as Files | null;
      const some = (files ?? []).filter(({ mediaType }) => KINDS.test(mediaType)).slice(0, SHOWN);
      if (some.length > 0) shown.set(name, html`${some.map((file) => figure(file, room))}`);
    }
  }
  return shown;
}

const KINDS = /^(audio\/(wav|mpeg|ogg|flac)|image\/(png|jpeg|svg\+xml))$/;

function figure(file: NamedFile, room: Room): Html {
  const caption = html`<figcaption>${file.name}<span class="muted"> ${bytes(file.bytes.length)}</span></figcaption>`;
  if (file.mediaType.startsWith("audio/")) {
    return html`<figure>${caption}${player(file.name, file.mediaType, file.bytes, room)}</figure>`;
  }
  if (!room.take(file.bytes.length))
    return html`<figure>${caption}<p class="muted small">Too large for the report.</p></figure>`;
  return html`<figure>${caption}<img class="made" alt="${file.name}" src="${dataUri(file.mediaType, file.bytes)}"></figure>`;
}
