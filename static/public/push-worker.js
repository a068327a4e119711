// Shows that there is something new, in words that the server puts before this file. A push carries nothing, and nothing
// is fetched for it: what happened is read on the page that a tap opens.
self.addEventListener("push", (event) => {
  const language = new URL(self.location.href).searchParams.get("lang") === "en" ? "en" : "id";
  const words = self.pushWords[language];
  event.waitUntil(self.registration.showNotification(words.title, { body: words.body, tag: "amanah", lang: language, icon: "/favicon.ico" }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(
    self.clients.matchAll({ type: "window" }).then((open) => {
      const there = open.find((client) => new URL(client.url).pathname === "/pemberitahuan");
      return there ? there.focus() : self.clients.openWindow("/pemberitahuan");
    }),
  );
});
