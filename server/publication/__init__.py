"""What becomes public of what people wrote: written permission, the gate, testimonials, help articles (promise T1)."""
