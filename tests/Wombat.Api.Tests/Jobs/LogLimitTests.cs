using System.Net;
using System.Text.Json;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Jobs;

/// <summary>Limits of logs in bytes: per log, per page, and in plain text.</summary>
public sealed class LogLimitTests
{
    private const string Cli = """
        case "$*" in
        *--template\ flood*) head -c 6000000 /dev/zero | tr '\0' 'x' | fold -w 1000 >&2; echo '{"id":"1","name":"one","status":"running"}';;
        *--template\ colours*) printf 'plain \033[31mred\033[0m \033]0;title\007 back\b\302\233 \342\200\256turned\n' >&2
            echo '{"id":"2","name":"two","status":"running"}';;
        *) echo '{"id":"3","status":"running"}';;
        esac
        """;

    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["JOBS_LOG_MAX_MIB"] = "1" },
            cli: Cli
        );

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Log_WhenLimitIsReached_IsCutAndTheJobContinues()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "flood");
        Assert.That((string?)(await Client.WaitForJobAsync(job))["status"], Is.EqualTo("succeeded"));
        var lines = await LinesAsync(job);
        Assert.That(lines.Sum(l => l.Length), Is.InRange(500_000, 1_100_000));
        Assert.That(lines.Where(l => l.StartsWith("the log is cut here", StringComparison.Ordinal)), Has.Exactly(1).Items);
        Assert.That(lines[^1], Does.Not.StartWith("x"), "Wombat's own lines are logged after the limit");
    }

    [Test]
    public async Task Page_WhenLinesAreLong_IsBoundedInBytes()
    {
        var job = await BigLogAsync(blocks: 60, linesOfBlock: 4);
        var numbers = new List<long>();
        long? after = 0;
        for (var pages = 0; after is not null; pages++)
        {
            var page = await Client.GetAsync($"{job}/log?limit=10000&after={after}");
            Assert.That(page.Status, Is.EqualTo(HttpStatusCode.OK), page.Text[..Math.Min(500, page.Text.Length)]);
            Assert.That(page.Text, Has.Length.LessThan(1_300_000));
            numbers.AddRange(page.Body!["items"]!.AsArray().Select(l => (long)l!["number"]!));
            after = (long?)page.Body["next_after"];
            Assert.That(pages, Is.LessThan(20));
        }

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, 240).Select(i => (long)i)));
    }

    [Test]
    public async Task Log_WithEscapeSequences_RemovesThemFromPlainTextOnly()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "colours");
        await Client.WaitForJobAsync(job);
        Assert.That(
            (await LinesAsync(job)).Single(l => l.StartsWith("plain", StringComparison.Ordinal)),
            Does.Contain("\u001b[31mred").And.Contain("\u001b]0;title\a")
        );
        foreach (
            var text in new[]
            {
                (await Client.GetAsync($"{job}/log?follow=true")).Text,
                (await Client.GetAsync($"{job}/log", ("Accept", "text/plain"))).Text,
            }
        )
        {
            Assert.That(
                text.Where(c => char.IsControl(c) && c != '\n').Concat(text.Where(c => c == '\u202e')),
                Is.Empty,
                JsonSerializer.Serialize(text)
            );
            Assert.That(text, Does.Contain("plain red  back\ufffd"));
            Assert.That(text, Does.Not.Contain("title"));
        }
    }

    private async Task<List<string>> LinesAsync(string job)
    {
        var lines = new List<string>();
        for (long? after = 0; after is not null; )
        {
            var page = (await Client.GetAsync($"{job}/log?limit=10000&after={after}")).Body!;
            lines.AddRange(page["items"]!.AsArray().Select(l => (string)l!["text"]!));
            after = (long?)page["next_after"];
        }

        return lines;
    }

    // Log blocks of a finished job.
    private async Task<string> BigLogAsync(int blocks, int linesOfBlock)
    {
        var job = (await Client.DeleteAsync($"/api/v1/projects/{await Client.CreateProjectAsync()}?cascade=true")).Location!;
        await Client.WaitForJobAsync(job);
        var id = job.Split('/')[^1];
        await server.ExecuteAsync($"delete from job_log_blocks where job_id = '{id}'");
        await server.ExecuteAsync(
            $$"""
            insert into job_log_blocks (job_id, last_number, line_count, started_at, text, metadata)
            select '{{id}}', b * {{linesOfBlock}}, {{linesOfBlock}}, '2026-01-01',
                repeat(repeat('y', 16000) || E'\n', {{linesOfBlock}}), '\x{{linesOfBlock:x2}}0200'::bytea
            from generate_series(1, {{blocks}}) b
            """
        );
        return job;
    }
}
