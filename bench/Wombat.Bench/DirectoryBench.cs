using System.Diagnostics;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Bench;

/// <summary>
/// Synchronization with a real slapd of 10,000 people in 200 groups: a first run, and a second one without changes. The baseline is the aim
/// in seconds.
/// </summary>
internal static class DirectoryBench
{
    private const int People = 10_000;
    private const int Groups = 200;

    public static async Task RunAsync()
    {
        await using var bed = await BenchmarkEnvironment.StartAsync();
        var database = await bed.DatabaseAsync("directory");
        var ldif =
            string.Concat(Enumerable.Range(0, People).Select(i => Slapd.Person($"user{i:00000}")))
            + string.Concat(
                Enumerable
                    .Range(0, Groups)
                    .Select(g =>
                        Slapd.Group($"group{g:000}", [.. Enumerable.Range(0, 100).Select(m => $"user{(g * 50 + m) % People:00000}")])
                    )
            );
        await using var slapd = await Slapd.StartAsync(ldif);
        var environment = BenchmarkEnvironment.Environment(database);
        foreach (
            var (name, value) in new[]
            {
                ("URL", slapd.Url),
                ("CA_FILE", slapd.CaFile),
                ("BIND_DN", Slapd.Reader),
                ("BIND_PASSWORD", Slapd.ReaderPassword),
                ("USER_BASE", $"ou=people,{Slapd.Root}"),
                ("GROUP_BASE", $"ou=groups,{Slapd.Root}"),
                (
                    "ROLES",
                    new JsonArray([
                        .. Enumerable.Range(0, Groups).Select(g => (JsonNode)$"group{g:000} -> project-{g + 1}:developer"),
                    ]).ToJsonString()
                ),
            }
        )
        {
            environment[$"WOMBAT_LDAP_{name}"] = value;
        }

        await BenchmarkEnvironment.SeedAsync(database, 1000);
        var data = Path.Combine(bed.Folder, "directory");
        await using var wombat = WombatProcess.Start(data, environment);
        using var admin = await wombat.ReadyAsync(data);
        foreach (var (name, aim) in new[] { ("first", 15.0), ("second", 5.0), ("third", 5.0) })
        {
            var from = Stopwatch.GetTimestamp();
            var asked = await admin.PostAsync("/api/v1/directory/sync");
            var job = await admin.WaitForJobAsync(asked.Location!, 120);
            var log = (await admin.GetAsync($"{asked.Location}/log")).Body!["items"]!.AsArray();
            Report.Note($"{(string)job["status"]!}: {(string)log[^1]!["text"]!}");
            Report.Line($"directory-sync-{name}", Stopwatch.GetElapsedTime(from).TotalSeconds, aim, "s");
        }
    }
}
