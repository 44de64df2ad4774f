import { Head } from "./layout.tsx";

/** A page that could not be shown, in words for the person who wanted it. */
export const Trouble = ({ title, text }: { title: string; text: string }) => (
  <html lang="en">
    <Head title={title} />
    <body class="alone">
      <main id="content">
        <h1>{title}</h1>
        <p>{text}</p>
        <p>
          <a href="/console">To the line</a>
        </p>
      </main>
    </body>
  </html>
);
