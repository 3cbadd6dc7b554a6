"""What every face says: words, figures and evidence as text, for terminals and the dashboard."""
