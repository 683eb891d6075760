"""What the application is about: texts, their embeddings, the vault that keeps both, and conversations."""
