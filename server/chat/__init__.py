"""Support chat: conversations between a customer and the company's staff."""
