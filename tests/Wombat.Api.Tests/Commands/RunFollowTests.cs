using System.Globalization;
using System.Text.Json.Nodes;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Commands;

/// <summary>A run that prints as fast as it can, followed on two replicas over connections that break.</summary>
[Category("Slow")]
public sealed class RunFollowTests
{
    private const int Lines = 1_000_000;
    private const int Reconnects = 50;

    [Test]
    public async Task Followers_ThatReconnectAtRandom_GetEachOfAMillionLinesOnceAndInOrder()
    {
        using var folder = new TestFolder();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ConnectionStrings__Wombat"] = await SharedPostgres.NewMigratedDatabaseAsync(),
            ["WOMBAT_PLUGINS_PROXMOX_ENABLED"] = "false",
        };
        var data = Path.Combine(folder.Path, "one");
        await using var first = WombatProcess.Start(data, environment);
        using var admin = await first.ReadyAsync(data);
        await using var second = WombatProcess.Start(Path.Combine(folder.Path, "two"), environment);
        using var ready = await second.ReadyAsync(data);
        using var other = new WombatClient(second.Port, admin.Http.DefaultRequestHeaders.Authorization!.Parameter);
        var command = await admin.PostAsync("/api/v1/commands", $$"""{"name":"count","kind":"local","arguments":["seq","{{Lines}}"]}""");
        var run = (await admin.PostAsync($"{command.Location}/runs", "{}")).Body!;
        var job = $"/api/v1/jobs/{run["id"]}";
        WombatClient[] replicas = [admin, other];
        await Task.WhenAll(FollowAsync(replicas, job, new Random(1)), FollowAsync(replicas, job, new Random(2)));
        Assert.That((string)(await admin.WaitForJobAsync(job, 60))["status"]!, Is.EqualTo("succeeded"));
        Assert.That(await StoredAsync(admin, job), Is.EqualTo(Lines), "the store has each line");
    }

    private static async Task FollowAsync(WombatClient[] replicas, string job, Random random)
    {
        string? last = null;
        var (number, reconnects, isEnded) = (0, 0, false);
        var unfinished = "";
        while (!isEnded)
        {
            var events = reconnects < Reconnects ? random.Next(1, 3) : int.MaxValue;
            await foreach (var one in EventStreamReader.ReadAsync(replicas[random.Next(2)], $"{job}/log", last))
            {
                if (one.Name == "end")
                {
                    isEnded = true;
                    break;
                }

                last = one.Id;
                foreach (var line in JsonNode.Parse(one.Data)!.AsArray().Where(l => (string)l!["stream"]! == "stdout"))
                {
                    unfinished += (string)line!["text"]!;
                    if (line["partial"] is null)
                    {
                        Assert.That(unfinished, Is.EqualTo((++number).ToString(CultureInfo.InvariantCulture)));
                        unfinished = "";
                    }
                }

                if (--events == 0)
                {
                    reconnects++;
                    break;
                }
            }
        }

        Assert.That((number, reconnects), Is.EqualTo((Lines, Reconnects)));
    }

    // Counts the numbered lines in the text of the whole log.
    private static async Task<int> StoredAsync(WombatClient client, string job)
    {
        using var response = await client.Http.GetAsync($"{job}/log?follow=true", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        var expected = 1;
        while (await reader.ReadLineAsync() is { } line)
        {
            expected += line == expected.ToString(CultureInfo.InvariantCulture) ? 1 : 0;
        }

        return expected - 1;
    }
}
