// The staff's inbox and their page of one item: the board's enhancements, and keys.
import "./feedback";
import "./triage.css";
import { listen } from "./feedback/triage";

listen();
