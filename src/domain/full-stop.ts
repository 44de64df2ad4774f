/** With a full stop, unless it ends already: services end their messages as they like. */
export const withFullStop = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`);
