"""What kinds of figures are drawn with: style, axes, marks, labels, lines, panels."""
