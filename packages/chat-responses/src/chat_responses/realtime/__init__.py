"""Live sessions over the Realtime wire, of which the Responses wire has tools, presets and errors."""
