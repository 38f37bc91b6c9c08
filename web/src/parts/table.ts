export interface Column<T> {
  key: string;
  label: string;
  /** The cell as plain text: for the export, and for the page where no slot draws it. */
  text: (row: T) => string;
  right?: boolean;
  /** Takes a line of its own on a narrow screen. */
  wide?: boolean;
  /** Not shown until chosen. */
  extra?: boolean;
}

const quoted = (text: string): string => {
  const plain = text.replaceAll('\u00a0', ' ');
  // A leading formula sign would be run by a spreadsheet.
  const safe = /^[=+@\t\r]/.test(plain) ? `'${plain}` : plain;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

export function csvOf<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const lines = [columns.map((column) => quoted(column.label)).join(',')];
  for (const row of rows) lines.push(columns.map((column) => quoted(column.text(row))).join(','));
  return `\ufeff${lines.join('\r\n')}\r\n`;
}

export function saveText(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
