using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>SIGKILL to the real program while a run is under way.</summary>
[Category("Slow")]
public sealed class RunKillTests
{
    [Test]
    public async Task Kill_DuringRuns_EndsTheirProcessesAndInterruptsWhatIsNotRepeatable()
    {
        using var folder = new TestFolder();
        var data = Path.Combine(folder.Path, "data");
        var mark = $"{Random.Shared.Next(100_000, 999_999)}.7";
        var script = $"trap '' TERM; echo first; echo second; setsid sleep {mark} & sleep {mark}";
        string once,
            repeatable;
        await using (var first = WombatProcess.Start(data))
        {
            using var client = await first.ReadyAsync(data);
            once = await StartAsync(client, "once", ["sh", "-c", script], "");
            repeatable = await StartAsync(
                client,
                "repeatable",
                ["sh", "-c", $"[ -e {folder.Path}/open/marker ] && exit 0; : > {folder.Path}/open/marker; {script}"],
                ""","repeatable":true""",
                folder
            );
            foreach (var run in new[] { once, repeatable })
            {
                await Eventually.UntilAsync(async () => (await LogAsync(client, run)).Contains("second"), "the program runs");
            }

            await first.KillAsync();
        }

        await Eventually.UntilAsync(() => !RunTests.Sleeping(mark), "the processes of the runs have ended with Wombat");
        await using var second = WombatProcess.Start(data);
        using var again = await second.ReadyAsync(data);
        var interrupted = await again.WaitForJobAsync($"/api/v1/jobs/{once}", 40);
        Assert.That((string)interrupted["status"]!, Is.EqualTo("interrupted"), interrupted.ToJsonString());
        var shown = (await again.GetAsync($"/api/v1/runs/{once}")).Body!;
        Assert.That(((string)shown["status"]!, shown["ending"]), Is.EqualTo(("interrupted", (JsonNode?)null)), shown.ToJsonString());
        Assert.That(await LogAsync(again, once), Is.SupersetOf(new[] { "first", "second" }), "the log is whole up to the kill");
        var repeated = await again.WaitForJobAsync($"/api/v1/jobs/{repeatable}", 40);
        Assert.That((string)repeated["status"]!, Is.EqualTo("succeeded"), repeated.ToJsonString());
    }

    private static async Task<string> StartAsync(
        WombatClient client,
        string name,
        string[] arguments,
        string more,
        TestFolder? folder = null
    )
    {
        if (folder is not null)
        {
            var open = Directory.CreateDirectory(Path.Combine(folder.Path, "open"));
            open.UnixFileMode = (UnixFileMode)0b111_111_111;
        }

        var created = await client.PostAsync(
            "/api/v1/commands",
            $$"""{"name":"{{name}}","kind":"local","arguments":{{System.Text.Json.JsonSerializer.Serialize(arguments)}}{{more}}}"""
        );
        var run = await client.PostAsync($"{created.Location}/runs", "{}");
        return (string?)run.Body?["id"] ?? throw new InvalidOperationException($"No run: {created} {run}");
    }

    private static async Task<List<string>> LogAsync(WombatClient client, string run) =>
        [.. (await client.GetAsync($"/api/v1/jobs/{run}/log")).Body!["items"]!.AsArray().Select(l => (string)l!["text"]!)];
}
