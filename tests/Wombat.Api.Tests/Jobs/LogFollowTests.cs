using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Application.Jobs;
using Wombat.Infrastructure.Jobs;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Jobs;

/// <summary>Many followers of one log on one replica.</summary>
public sealed class LogFollowTests
{
    private const int Followers = 20;
    private const int Lines = 30;

    private static readonly string Cli = $$"""
        case "$*" in
        *--template\ wait*) echo ready >&2; while [ ! -f "$(dirname "$0")/go" ]; do sleep 0.05; done
            for i in $(seq 1 {{Lines}}); do echo "line $i" >&2; sleep 0.1; done;;
        esac
        echo '{"id":"1","name":"one","status":"running"}'
        """;

    [Test]
    public async Task Followers_OfOneLog_ShareOneRead()
    {
        CountingLogReader logs = null!;
        await using var server = await TestServer.StartAsync(
            cli: Cli,
            alter: services => services.AddSingleton<IJobLogReader>(p => logs = new CountingLogReader(p.GetRequiredService<JobLogStore>()))
        );
        var (_, job) = await server.Client.CreateContainerAsync(await server.Client.CreateProjectAsync(), "wait");
        var ready = 0;
        var following = Enumerable
            .Range(0, Followers)
            .Select(_ => FollowAsync(server.Client, $"{job}/log", () => Interlocked.Increment(ref ready)))
            .ToArray();
        await Eventually.UntilAsync(() => Volatile.Read(ref ready) == Followers, "all followers have caught up");

        var before = logs.Reads;
        await File.WriteAllTextAsync(Path.Combine(server.DataDirectory, "go"), "");
        var texts = await Task.WhenAll(following).WaitAsync(TimeSpan.FromMinutes(1));

        Assert.That(texts, Is.All.EqualTo(Enumerable.Range(1, Lines).Select(i => $"line {i}")));
        Assert.That(logs.Reads, Is.GreaterThan(before), "the reads are counted");
        Assert.That(logs.Reads - before, Is.LessThan(Followers * Lines / 4));
    }

    private static async Task<List<string>> FollowAsync(WombatClient client, string path, Action ready)
    {
        var texts = new List<string>();
        await foreach (var one in EventStreamReader.ReadAsync(client, path))
        {
            if (one.Name == "end")
            {
                break;
            }

            foreach (var text in JsonNode.Parse(one.Data)!.AsArray().Select(l => (string)l!["text"]!))
            {
                if (text == "ready")
                {
                    ready();
                }
                else if (text.StartsWith("line ", StringComparison.Ordinal))
                {
                    texts.Add(text);
                }
            }
        }

        return texts;
    }
}
