using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Wombat.Infrastructure.Audit;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Audit;

/// <summary>Refused requests write a bounded number of audit events; the rest is counted.</summary>
public sealed class RefusalLimitTests
{
    private const int Requests = 300;
    private TestServer server = null!;

    [SetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["RATE_LIMIT_FAILURES_PER_SECOND"] = "0",
                ["AUDIT_REFUSALS_PER_MINUTE"] = "5",
            }
        );

    [TearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task Refusals_WithoutCredential_AreCountedAndNotAudited()
    {
        var project = await server.Client.CreateProjectAsync();
        using var nobody = server.Client.With(token: null);
        await ManyAsync(() => nobody.PostAsync($"/api/v1/projects/{project}/containers", """{"template":"busybox"}"""));
        await ManyAsync(() => CompressedAsync(nobody));
        Assert.That(await AuditedAsync(), Is.Zero);
        Assert.That(await CountedAsync("source = '127.0.0.1' and status = 401"), Is.EqualTo(2 * Requests));
    }

    [Test]
    public async Task Refusals_WithWrongCredential_AreAuditedUpToTheLimit()
    {
        using var wrong = server.Client.With("wombat_" + new string('0', 64));
        await ManyAsync(() => wrong.GetAsync("/api/v1/projects"));
        Assert.That(await AuditedAsync(), Is.InRange(5, 10));
        Assert.That(await AuditedAsync() + await CountedAsync("source = '127.0.0.1'"), Is.EqualTo(Requests));
    }

    [Test]
    public async Task Refusals_OfAUser_AreAuditedUpToTheLimitOverAllTokens()
    {
        var (first, user) = await server.Client.CreateMemberAsync();
        using var one = first;
        using var other = server.Client.With((await server.Client.CreateTokenAsync(user)).Secret);
        await ManyAsync(() => one.PostAsync("/api/v1/users", """{"login":"somebody"}"""), 50);
        await ManyAsync(() => other.PostAsync("/api/v1/users", """{"login":"somebody"}"""), 50);
        Assert.That(await AuditedAsync(), Is.InRange(5, 10));
        var login = (string)(await server.Client.GetAsync($"/api/v1/users/{user}")).Body!["login"]!;
        Assert.That(await AuditedAsync() + await CountedAsync($"source = '{login}'"), Is.EqualTo(100));
    }

    [Test]
    public async Task Refusals_OfNonMembers_AreNotAmongTheProjectsEvents()
    {
        var project = await server.Client.CreateProjectAsync();
        var (stranger, _) = await server.Client.CreateMemberAsync();
        using var one = stranger;
        foreach (
            var answer in new[]
            {
                await one.DeleteAsync($"/api/v1/projects/{project}"),
                await CompressedAsync(one, $"/api/v1/projects/{project}/containers"),
                await one.PatchAsync($"/api/v1/projects/{project}?x=1", "{}"),
            }
        )
        {
            Assert.That((int)answer.Status, Is.GreaterThanOrEqualTo(400), answer.ToString());
            Assert.That(
                await server.ScalarAsync<long>(
                    $"select count(*) from events where request_id = '{(string)answer.Body!["trace_id"]!}' and project_id is not null"
                ),
                Is.Zero,
                answer.ToString()
            );
        }

        Assert.That(
            await server.ScalarAsync<long>($"select count(*) from events where action = 'request.refused' and target_id = '{project}'"),
            Is.EqualTo(1)
        );
    }

    [Test]
    public async Task RefusalCounts_FromManySources_AreBounded()
    {
        var counts = server.Services.GetRequiredService<FailedRequestCounter>();
        for (var i = 0; i < 5000; i++)
        {
            counts.Count($"10.0.{i / 256}.{i % 256}", 401);
        }

        Assert.That(await CountedAsync("true"), Is.EqualTo(5000));
        Assert.That(await server.ScalarAsync<long>("select count(*) from refusal_counts"), Is.LessThanOrEqualTo(402));
    }

    private static async Task ManyAsync(Func<Task<Answer>> send, int count = Requests)
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => send()));
        Assert.That(answers.Select(a => (int)a.Status), Is.All.InRange(400, 499));
    }

    private static async Task<Answer> CompressedAsync(WombatClient client, string path = "/x")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes("{}"))
            {
                Headers = { { "Content-Encoding", "gzip" }, { "Content-Type", "application/json" } },
            },
        };
        using var response = await client.Http.SendAsync(request);
        return await Answer.OfAsync(response);
    }

    private Task<long> AuditedAsync() =>
        server.ScalarAsync<long>("select count(*) from events where action in ('request.refused', 'request.failed')")!;

    private async Task<long> CountedAsync(string where)
    {
        await server.Services.GetRequiredService<FailedRequestCounter>().FlushAsync(CancellationToken.None);
        long counted = 0;
        await Eventually.UntilAsync(
            async () =>
            {
                // The background flush may still be storing what it has taken.
                var before = counted;
                counted = await server.ScalarAsync<long>($"select coalesce(sum(refusals), 0)::bigint from refusal_counts where {where}");
                return counted > 0 && counted == before;
            },
            "the counts are stored"
        );
        return counted;
    }
}
