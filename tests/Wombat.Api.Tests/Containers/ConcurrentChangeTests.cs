using System.Net;
using Npgsql;
using Wombat.TestSupport;

namespace Wombat.Api.Tests.Containers;

/// <summary>
/// Concurrent changes of one container: another transaction holds its row until all requests
/// wait for it.
/// </summary>
public sealed class ConcurrentChangeTests
{
    private TestServer server = null!;
    private string project = "";
    private string container = "";

    private WombatClient Client => server.Client;

    [OneTimeSetUp]
    public async Task Start() =>
        server = await TestServer.StartAsync(
            new Dictionary<string, string> { ["RECONCILER_INTERVAL_SECONDS"] = "3600" },
            cli: """
            case "$*" in
            *full*) while [ ! -f "$(dirname "$0")/go" ]; do sleep 0.05; done; echo "no room" >&2; exit 5;;
            delete*) echo '{"status":"deleted"}';;
            *) echo '{"id":"1","status":"running"}';;
            esac
            """
        );

    [OneTimeTearDown]
    public Task Stop() => server.DisposeAsync().AsTask();

    [Test]
    public async Task JobFailure_WhenContainerIsLocked_IsSavedAfterwards()
    {
        project = await Client.CreateProjectAsync();
        (container, var job) = await Client.CreateContainerAsync(project, "full");
        await Eventually.UntilAsync(
            async () => (string?)(await Client.GetAsync(container)).Body!["status"] == "provisioning",
            "the container is being created"
        );
        await using (var change = await Change.BeginAsync(server, container))
        {
            await File.WriteAllTextAsync(Path.Combine(server.DataDirectory, "go"), "");
            await change.UntilWaitingAsync(1);
        }

        var ended = await Client.WaitForJobAsync(job);
        Assert.That(
            ((string)ended["status"]!, (int)ended["attempt"]!, (string)ended["error"]!["code"]!),
            Is.EqualTo(("failed", 1, "capacity"))
        );
        var error = (await Client.GetAsync(container)).Body!;
        Assert.That(((string)error["status"]!, (string)error["status_reason"]!), Is.EqualTo(("error", "no room")));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Delete_OfContainerAndProjectConcurrently_DeletesBoth(bool containerFirst)
    {
        project = await Client.CreateProjectAsync();
        (container, var job) = await Client.CreateContainerAsync(project);
        await Client.WaitForJobAsync(job);
        Task<Answer> first,
            second;
        await using (var change = await Change.BeginAsync(server, container))
        {
            first = Client.DeleteAsync(containerFirst ? container : $"/api/v1/projects/{project}?cascade=true");
            await change.UntilWaitingAsync(1);
            second = Client.DeleteAsync(containerFirst ? $"/api/v1/projects/{project}?cascade=true" : container);
            await change.UntilWaitingAsync(2);
        }

        // The delete of a project accepts a container that is being deleted; the delete of the container is a conflict.
        Assert.That((await first).Status, Is.EqualTo(HttpStatusCode.Accepted), (await first).ToString());
        Assert.That(
            ((await second).Status, (await second).Code),
            Is.EqualTo(containerFirst ? (HttpStatusCode.Accepted, null) : (HttpStatusCode.Conflict, "already_deleting"))
        );
        await Eventually.UntilAsync(
            async () => (await Client.GetAsync($"/api/v1/projects/{project}")).Status == HttpStatusCode.NotFound,
            "everything is deleted"
        );
    }

    [Test]
    public async Task Delete_WhenVersionChangesConcurrently_Is412()
    {
        project = await Client.CreateProjectAsync();
        (container, var job) = await Client.CreateContainerAsync(project);
        await Client.WaitForJobAsync(job);
        var version = (await Client.GetAsync(container)).ETag!;
        Task<Answer> delete;
        await using (var change = await Change.BeginAsync(server, container))
        {
            delete = Client.SendAsync(HttpMethod.Delete, container, null, ("If-Match", version));
            await change.UntilWaitingAsync(1);
        }

        Assert.That((await delete).Status, Is.EqualTo(HttpStatusCode.PreconditionFailed));
        Assert.That((string)(await Client.GetAsync(container)).Body!["status"]!, Is.EqualTo("running"));
    }

    /// <summary>An uncommitted change of a container, committed when it is disposed.</summary>
    private sealed class Change(TestServer server, NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public static async Task<Change> BeginAsync(TestServer server, string container)
        {
            var connection = new NpgsqlConnection(server.ConnectionString);
            await connection.OpenAsync();
            var transaction = await connection.BeginTransactionAsync();
            await using var command = new NpgsqlCommand(
                $"update resources set version = version + 1 where id = '{container[(container.LastIndexOf('/') + 1)..]}'",
                connection
            );
            await command.ExecuteNonQueryAsync();
            return new Change(server, connection, transaction);
        }

        public Task UntilWaitingAsync(int count) =>
            Eventually.UntilAsync(
                async () =>
                    await server.ScalarAsync<long>(
                        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
                    ) == count,
                $"{count} wait"
            );

        public async ValueTask DisposeAsync()
        {
            await transaction.CommitAsync();
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
