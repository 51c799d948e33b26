"""Tools for Chinese text: cleaning, sentences, numbers, dates, segmentation, synonyms, token counts."""
