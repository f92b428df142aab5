using k8s;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.Infrastructure.Plugins.Cnpg;
using Wombat.TestSupport;
using Wombat.TestSupport.Kubernetes;

namespace Wombat.Infrastructure.Tests.Plugins.Cnpg;

/// <summary>
/// A process that is killed between any two writes to the Kubernetes API: before the server gets a write, or before the process gets the
/// answer. The next process repeats the call.
/// </summary>
[TestFixture(false)]
[TestFixture(true)]
public sealed class CnpgKillTests(bool isWritten) : CnpgTests
{
    private const string Killed = "the process is killed";

    [Test]
    public async Task Call_WhenKilledAtAnyWrite_IsCompletedByTheNext()
    {
        var request = Request(Pooled with { BackupSchedule = "0 3 * * *" });
        var kills = await KillAtEachWriteAsync(p => p.ProvisionAsync(request, Log, default), () => Task.CompletedTask);
        Assert.That(kills, Is.GreaterThan(3));
        var seen = (await Plugin.ListAsync(default)).All.Single().Observation;
        Assert.That((seen.State, seen.Differences!.Count), Is.EqualTo((ObservedState.Running, 0)), seen.Note);
        var database = request.Resource with { ExternalId = seen.ExternalId };
        await QueryAsync(database, "create table t (n int); insert into t values (1)");

        // Whatever was written, the password that is revealed is or becomes the one that works.
        Task CanConnect() => Eventually.UntilAsync(() => CanConnectAsync(database), "the revealed password works");
        var old = await Plugin.GetCredentialsAsync(database, null, default);
        kills = await KillAtEachWriteAsync(p => p.RotateAsync(database, null, endSessions: true, Log, default), CanConnect);
        Assert.That(kills, Is.GreaterThan(1));
        Assert.That((await Plugin.GetCredentialsAsync(database, null, default)).Password, Is.Not.EqualTo(old.Password));
        await CanConnect();

        var reader = new DatabaseUserSpec("reader", DatabaseRole.ReadOnly);
        await KillAtEachWriteAsync(p => p.SaveUserAsync(database, reader, Log, default), CanConnect);
        Assert.That(await QueryAsync(database, "select n from t", "reader"), Is.EqualTo("1"));
        await KillAtEachWriteAsync(p => p.DropUserAsync(database, "reader", Log, default), CanConnect);
        Assert.That(await Plugin.ListUsersAsync(database, default), Is.Empty);

        await KillAtEachWriteAsync(p => p.FreezeAsync(database, "unpaid", Log, default), () => Task.CompletedTask);
        await KillAtEachWriteAsync(p => p.UnfreezeAsync(database, Log, default), () => Task.CompletedTask);
        Assert.That(await QueryAsync(database, "select n from t"), Is.EqualTo("1"));

        // What one process has deleted the next need not delete.
        kills = await KillAtEachWriteAsync(p => p.DeprovisionAsync(database, Log, default), () => Task.CompletedTask);
        Assert.That(kills, Is.GreaterThan(2));
        await AssertNothingIsLeftAsync();
    }

    [Test]
    public async Task RestoreInPlace_WhenKilledAtAnyWrite_IsCompletedByTheNext()
    {
        var request = Request(BackedUp with { PoolerInstances = 1 });
        var database = request with { Resource = await CreateAsync(request) };
        await QueryAsync(database.Resource, "create table t (n int); insert into t values (1)");
        await Plugin.SaveUserAsync(database.Resource, new DatabaseUserSpec("gone", DatabaseRole.ReadOnly), Log, default);
        var gone = await Plugin.GetCredentialsAsync(database.Resource, "gone", default);
        var backup = await Plugin.BackUpAsync(database, Log, default);
        await QueryAsync(database.Resource, "insert into t values (2)");
        await Plugin.DropUserAsync(database.Resource, "gone", Log, default);
        await Plugin.SaveUserAsync(database.Resource, new DatabaseUserSpec("reader", DatabaseRole.ReadOnly), Log, default);
        var before = await Plugin.GetCredentialsAsync(database.Resource, "reader", default);

        var to = new DatabaseRestoreTarget(Guid.NewGuid(), null, backup.Id);
        var kills = await KillAtEachWriteAsync(p => p.RestoreInPlaceAsync(database, to, Log, default), () => Task.CompletedTask);
        Assert.That(kills, Is.GreaterThan(8));
        var seen = (await Plugin.ListAsync(default)).All.Single().Observation;
        Assert.That((seen.State, seen.Differences!.Count), Is.EqualTo((ObservedState.Running, 0)), seen.Note);
        await Eventually.UntilAsync(() => CanConnectAsync(database.Resource), "the password of before works");
        Assert.That(await QueryAsync(database.Resource, "select sum(n) from t"), Is.EqualTo("1"));
        Assert.That(await Plugin.GetCredentialsAsync(database.Resource, "reader", default), Is.EqualTo(before));
        Assert.That(await QueryAsync(database.Resource, "select sum(n) from t", "reader"), Is.EqualTo("1"));
        Assert.That(async () => await ConnectAsync(gone), Throws.InstanceOf<Npgsql.NpgsqlException>());

        // The data that were replaced are still there, whichever attempt replaced them.
        var replaced = (await Objects.ListAsync("backups"))
            .Where(b => CnpgObjects.Namespace(b) == Namespace && CnpgObjects.Annotation(b, "wombat/replaced") is not null)
            .Select(CnpgObjects.Name)
            .Max(StringComparer.Ordinal);
        await Plugin.RestoreInPlaceAsync(database, new DatabaseRestoreTarget(Guid.NewGuid(), null, replaced), Log, default);
        Assert.That(await QueryAsync(database.Resource, "select sum(n) from t"), Is.EqualTo("3"));

        await Plugin.DeprovisionAsync(database.Resource, Log, default);
        await AssertNothingIsLeftAsync();
    }

    // Returns how often the call was killed: each time after one write more, until it was not.
    private async Task<int> KillAtEachWriteAsync(Func<CnpgPlugin, Task> call, Func<Task> check)
    {
        var (survived, attempts) = (0, 100);
        while (true)
        {
            await using var proxy = await Server.StartProxyAsync();
            var left = survived;
            FaultyAnswer? Kill(string method) =>
                method != "GET" && Interlocked.Decrement(ref left) < 0 ? FaultyAnswer.Status(403, "Forbidden", Killed) : null;
            if (isWritten)
            {
                proxy.AnswerAfter = (method, _) => Kill(method);
            }
            else
            {
                proxy.Answer = (method, _) => Kill(method);
            }

            try
            {
                await call(NewPlugin(o => o with { Kubeconfig = Server.Kubeconfig(KubernetesServer.Wombat, proxy.Port) }));
                return survived;
            }
            catch (ExternalSystemException e) when (e.Message.Contains(Killed, StringComparison.Ordinal))
            {
                await check();
                survived++;
            }
            catch (ExternalSystemException e) when (e.Kind == ExternalFailure.Unavailable && --attempts > 0)
            {
                // A server or pooler restarts because of what was written; the job waits and repeats the call.
                await Task.Delay(TimeSpan.FromMilliseconds(200));
            }
        }
    }

    private async Task<bool> CanConnectAsync(ResourceRef database)
    {
        try
        {
            await QueryAsync(database, "select 1");
            return true;
        }
        catch (Exception e) when (e is Npgsql.NpgsqlException or ExternalSystemException)
        {
            return false;
        }
    }

    private async Task AssertNothingIsLeftAsync()
    {
        foreach (var plural in new[] { "clusters", "poolers", "scheduledbackups", "backups" })
        {
            Assert.That((await Objects.ListAsync(plural)).Where(o => CnpgObjects.Namespace(o) == Namespace), Is.Empty, plural);
        }

        Assert.That((await Server.Client.NetworkingV1.ListNamespacedNetworkPolicyAsync(Namespace)).Items, Is.Empty);
        await Eventually.UntilAsync(
            async () => (await Server.Client.CoreV1.ListNamespacedSecretAsync(Namespace)).Items.Count == 0,
            "the secrets are gone"
        );
    }
}
