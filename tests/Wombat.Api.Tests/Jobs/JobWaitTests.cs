using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Jobs;

/// <summary>GET /jobs/{id}?wait, and the end of a followed log.</summary>
public sealed class JobWaitTests
{
    private TestServer server = null!;

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() => server = await TestServer.StartAsync(cli: ScriptedCli.Fickle);

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Get_WithWait_ReturnsWhenTheJobEnds()
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "lines");
        var from = TimeProvider.System.GetTimestamp();
        var answer = await Client.GetAsync($"{job}?wait=60s");
        Assert.That((string)answer.Body!["status"]!, Is.EqualTo("succeeded"), answer.ToString());
        Assert.That(
            TimeProvider.System.GetElapsedTime(from),
            Is.LessThan(TimeSpan.FromSeconds(50)),
            "the request returns when the job ends, before the timeout"
        );
    }

    [Test]
    public async Task Get_WithWait_ReturnsTheRunningJobAfterTheTimeout()
    {
        var (container, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), "hang");
        var from = TimeProvider.System.GetTimestamp();
        var answer = await Client.GetAsync($"{job}?wait=1s");
        Assert.That((string)answer.Body!["status"]!, Is.EqualTo("running").Or.EqualTo("queued"), answer.ToString());
        Assert.That(TimeProvider.System.GetElapsedTime(from), Is.GreaterThanOrEqualTo(TimeSpan.FromSeconds(0.9)));
        Assert.That((await Client.GetAsync($"{job}?wait=0s")).Status, Is.EqualTo(HttpStatusCode.OK));
        await Client.DeleteAsync(container);
    }

    [Test]
    public async Task Get_WithWait_Is503WhenTheServerStops()
    {
        await using var other = await TestServer.StartAsync(cli: ScriptedCli.Fickle);
        var (_, job) = await other.Client.CreateContainerAsync(await other.Client.CreateProjectAsync(), "hang");
        await other.Client.WaitAsync(job, "status", TimeSpan.FromSeconds(20), "running");
        var before = await OpenStreamsAsync(other);
        var waiting = other.Client.GetAsync($"{job}?wait=60s");
        await Eventually.UntilAsync(async () => await OpenStreamsAsync(other) > before, "the request waits; it counts as a stream");
        other.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        var answer = await waiting.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.That((answer.Status, answer.Code), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "stopping")), answer.ToString());
    }

    [Test]
    public async Task Get_OfAProjectDelete_IsVisibleToItsRequesterOnly()
    {
        var project = await Client.CreateProjectAsync();
        var (manager, _) = await Client.CreateMemberAsync(project, "project_manager");
        var (other, _) = await Client.CreateMemberAsync(project, "project_manager");
        await Client.WaitForJobAsync((await Client.CreateContainerAsync(project, "quick")).Job);
        var job = (await manager.DeleteAsync($"/api/v1/projects/{project}?cascade=true")).Location!;
        Assert.That((await manager.GetAsync($"{job}/log?follow=true")).Text, Does.EndWith("wombat: job succeeded\n"));
        var ended = await manager.GetAsync($"{job}?wait=30s");
        Assert.That(
            ((string?)ended.Body!["status"], ended.Body["actions"]!.AsArray().Count),
            Is.EqualTo(("succeeded", 0)),
            ended.ToString()
        );
        Assert.That((await other.GetAsync(job)).Code, Is.EqualTo("job_not_found"));
        Assert.That((await manager.GetAsync($"/api/v1/projects/{project}")).Code, Is.EqualTo("project_not_found"));
    }

    [TestCase("quick", "wombat: job succeeded", """{"status":"succeeded"}""")]
    [TestCase("full", "wombat: job failed (", """{"status":"failed","error":{"code":""")]
    public async Task FollowedLog_WhenTheJobEnds_EndsWithTheOutcome(string template, string text, string json)
    {
        var (_, job) = await Client.CreateContainerAsync(await Client.CreateProjectAsync(), template);
        var log = await Client.GetAsync($"{job}/log?follow=true");
        Assert.That(log.Text.TrimEnd('\n').Split('\n')[^1], Does.StartWith(text));
        var end = "";
        await foreach (var one in EventStreamReader.ReadAsync(Client, $"{job}/log", null))
        {
            end = one.Name == "end" ? one.Data : "";
            if (end.Length > 0)
            {
                break;
            }
        }

        Assert.That(end, Does.StartWith(json));
    }

    [Test]
    public async Task List_WithSeveralStatuses_ReturnsTheJobsOfEach()
    {
        var project = await Client.CreateProjectAsync();
        foreach (var template in new[] { "quick", "full", "quick" })
        {
            await Client.WaitForJobAsync((await Client.CreateContainerAsync(project, template)).Job);
        }

        Assert.That(
            await StatusesAsync($"/api/v1/jobs?project_id={project}&status=succeeded"),
            Is.EqualTo(new[] { "succeeded", "succeeded" })
        );
        Assert.That(
            await StatusesAsync($"/api/v1/jobs?project_id={project}&status=succeeded,failed"),
            Is.EqualTo(new[] { "failed", "succeeded", "succeeded" })
        );
        Assert.That(
            await StatusesAsync($"/api/v1/projects/{project}/containers?status=running,error"),
            Is.EqualTo(new[] { "error", "running", "running" })
        );
        Assert.That(
            await StatusesAsync($"/api/v1/containers?project_id={project}&status=error&status=missing"),
            Is.EqualTo(new[] { "error" })
        );
    }

    private async Task<string[]> StatusesAsync(string path)
    {
        var answer = await Client.GetAsync(path);
        return
        [
            .. (answer.Body!["items"]?.AsArray() ?? throw new InvalidOperationException(answer.ToString()))
                .Select(i => (string)i!["status"]!)
                .Order(StringComparer.Ordinal),
        ];
    }

    private static async Task<double> OpenStreamsAsync(TestServer server) =>
        (await server.Client.GetAsync("/metrics"))
            .Text.Split('\n')
            .Where(l => l.StartsWith("wombat_open_streams", StringComparison.Ordinal))
            .Sum(l => double.Parse(l.Split(' ')[1]));
}
