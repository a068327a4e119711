// What of the widget is fetched after the first look at it, in one piece: each piece of its own costs every visitor a line
// of where it lies.
export { AccountScreen } from "./account-screen";
export { adoptBegun } from "./begun";
export { Closing } from "./closing";
export { Elsewhere } from "./elsewhere";
export { HistoryScreen } from "./history-screen";
export { identify } from "./identified";
