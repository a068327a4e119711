"""The desk of the privacy officers: what waits, what was opened, the record of processing, the impact assessment."""
