"""What the application is about: texts, their embeddings, and the vault that keeps both."""
