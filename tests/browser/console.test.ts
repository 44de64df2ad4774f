// One file, because all of it looks at one line that is stopped and started: nothing of it may run side by side.
import "./story.ts";
import "./pages.ts";
