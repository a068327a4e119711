"""When somebody was here, from which device and network: full for a while, coarse afterwards."""
