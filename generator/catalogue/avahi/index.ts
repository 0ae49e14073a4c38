export {
  type BrowseOptions,
  browse,
  type FoundService,
  type ResolvedService,
  resolveService,
  type ServiceChange,
} from "./browse.ts";
export { type Publication, type PublishedService, publish } from "./publish.ts";
export { ALL_INTERFACES, AVAHI } from "./server.ts";
export { formatTxt, parseTxt } from "./txt.ts";
