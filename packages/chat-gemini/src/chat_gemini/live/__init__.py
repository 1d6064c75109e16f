"""Live sessions over Gemini's BidiGenerateContent wire, of which the generateContent wire has content and tools."""
