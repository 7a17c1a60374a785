"use strict";
/* Sites, alerts and the last packets, from the same API that meshctl uses.  What came off
 * the air only ever becomes textContent, never markup. */
const api = "/api/v1";

async function get(path) {
	const answer = await fetch(api + path);
	if (!answer.ok)
		throw new Error(path + ": " + answer.status);
	return answer.json();
}

function fill(id, rows) {
	document.getElementById(id).replaceChildren(...rows.map((cells) => {
		const tr = document.createElement("tr");
		for (const cell of cells) {
			const td = document.createElement("td");
			td.textContent = cell === undefined ? "" : String(cell);
			tr.append(td);
		}
		return tr;
	}));
}

const time = (ms) => (ms === undefined ? "" : new Date(ms).toLocaleTimeString());

const show = {
	async peer() {
		const status = await get("/status");
		const peers = await get("/peers");
		document.getElementById("title").textContent = "meshd: " + status.site.name;
		fill("peers", [[status.site.name, "here", "", status.site.version],
			...peers.items.map((p) => [p.name, p.state, p.addr, p.version])]);
	},
	async alert() {
		const alerts = await get("/alerts?limit=20");
		fill("alerts", alerts.items.map((a) => [time(a.time_ms), a.severity, a.kind, a.site, a.text]));
	},
	async packet() {
		const packets = await get("/packets?limit=30");
		fill("packets", packets.items.map((p) => [time(p.time_ms), p.from,
			p.type + (p.simulated ? " (simulated)" : ""),
			p.receptions.map((r) => r.site).join(", ")]));
	},
};

/* Hints come in bursts: fetch each list at most once a second. */
const due = new Set(Object.keys(show));
async function refresh() {
	const wanted = [...due];
	due.clear();
	for (const name of wanted)
		await show[name]().catch(() => due.add(name));
}
setInterval(refresh, 1000);
refresh();

const live = document.getElementById("live");
const events = new EventSource(api + "/events?topics=packet,peer,alert");
events.onopen = () => { live.textContent = "live"; };
events.onerror = () => { live.textContent = "offline"; };
events.addEventListener("reset", () => Object.keys(show).forEach((name) => due.add(name)));
for (const name of Object.keys(show))
	events.addEventListener(name, () => due.add(name));
