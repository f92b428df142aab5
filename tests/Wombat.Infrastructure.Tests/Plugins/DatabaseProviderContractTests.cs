using Npgsql;
using Wombat.Domain.Common;
using Wombat.Domain.Databases;
using Wombat.Domain.Plugins;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Plugins;

/// <summary>
/// The contract of <see cref="IDatabaseProvider"/>, run on every provider. Its databases are real, so that revealed credentials connect.
/// </summary>
public abstract class DatabaseProviderContractTests
{
    private static int names;
    private readonly TestLog log = new();
    private readonly List<ResourceRef> made = [];

    protected IDatabaseProvider Provider { get; private set; } = null!;

    /// <summary>A tier that the provider can provide, with a backup schedule that is never due and no grace days.</summary>
    protected virtual TierSpec Tier =>
        new()
        {
            BackupSchedule = "0 0 1 1 *",
            BackupRetentionDays = 7,
            MaxConnections = 20,
        };

    /// <summary>Whether a frozen database can be read.</summary>
    protected virtual bool FrozenIsReadable => true;

    /// <summary>More than the time that it takes to save a user and to connect.</summary>
    protected virtual TimeSpan ShortLife => TimeSpan.FromSeconds(4);

    [OneTimeSetUp]
    public async Task StartProvider()
    {
        Provider = await StartAsync();
        await Provider.InitializeAsync(default);
    }

    [TearDown]
    public async Task RemoveDatabases()
    {
        await Task.WhenAll(made.Where(d => d.ExternalKey != shared?.ExternalKey).Select(d => Provider.DeprovisionAsync(d, log, default)));
        made.Clear();
    }

    [OneTimeTearDown]
    public async Task EndProvider()
    {
        if (shared is not null)
        {
            await Provider.DeprovisionAsync(shared, log, default);
        }

        await EndAsync();
    }

    [Test]
    public async Task Health_WhenSystemWorks_IsHealthy() => Assert.That((await Provider.HealthAsync(default)).Healthy, Is.True);

    [Test]
    public async Task FindObjections_OfAPossibleSpec_FindsNothingThatPrevents() =>
        Assert.That((await Provider.FindObjectionsAsync(Spec(), default)).Where(o => o.Prevents), Is.Empty);

    [Test]
    public async Task Provision_WhenRepeated_GivesTheSameDatabase()
    {
        var request = Request();
        var reports = new TestLog();
        var first = await Provider.ProvisionAsync(request, reports, default);
        Assert.That((first.State, first.ExternalId), Is.EqualTo((ObservedState.Running, reports.ExternalId)), first.Note);
        var known = Known(request, first);
        var before = await Provider.GetCredentialsAsync(known, null, default);
        await Provider.UntilReachableAsync(known);
        await Provider.ExecuteAsync(known, "create table t (a int); insert into t values (7)");

        // The answer to the first call was lost.
        var again = await Provider.ProvisionAsync(request, log, default);
        Assert.That((again.State, again.ExternalId), Is.EqualTo((ObservedState.Running, first.ExternalId)));
        Assert.That(await Provider.GetCredentialsAsync(known, null, default), Is.EqualTo(before));
        Assert.That(await Provider.ScalarAsync(known, "select a from t"), Is.EqualTo(7));
        Assert.That(first.Endpoints.Select(e => (e.Host, e.Port)), Does.Contain((before.Host, (int?)before.Port)));
        Assert.That(first.Facts!.Values, Has.None.Contains(before.Password));
        Assert.That(reports.Text, Does.Not.Contain(before.Password));
    }

    [Test]
    public async Task Provision_OfTwo_GivesEachItsOwnServerAndPassword()
    {
        var both = await Task.WhenAll(CreateAsync(), CreateAsync());
        var (one, two) = (
            await Provider.GetCredentialsAsync(both[0], null, default),
            await Provider.GetCredentialsAsync(both[1], null, default)
        );
        Assert.That(one.Password, Is.Not.EqualTo(two.Password));
        var foreign = DatabaseClient.ConnectionString(
            two with
            {
                User = one.User,
                Password = one.Password,
                DatabaseName = one.DatabaseName,
            }
        );
        Assert.That(await DatabaseClient.CanConnectAsync(foreign), Is.False, "the credentials of one database open another one");
        var listed = await Provider.ListAsync(default);
        Assert.That(listed.Find(both[0]).State, Is.EqualTo(ObservedState.Running));
        Assert.That(listed.Find(both[1]).ExternalId, Is.EqualTo(both[1].ExternalId));
    }

    [Test]
    public async Task Deprovision_WhenRepeated_LeavesNothing()
    {
        var database = await CreateAsync();
        var credentials = DatabaseClient.ConnectionString(await Provider.GetCredentialsAsync(database, null, default));
        await Provider.DeprovisionAsync(database, log, default);
        await Provider.DeprovisionAsync(database, log, default);
        Assert.That((await Provider.StatusAsync(database, default)).State, Is.EqualTo(ObservedState.Missing));
        Assert.That((await Provider.ListAsync(default)).Find(database).State, Is.EqualTo(ObservedState.Missing));
        Assert.That(await DatabaseClient.CanConnectAsync(credentials), Is.False);
        Assert.That(
            async () => await Provider.GetCredentialsAsync(database, null, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.NotFound)
        );
    }

    [Test]
    public async Task Deprovision_WhenAnswerWasLost_FindsTheDatabaseByItsKey()
    {
        var request = Request();
        await Provider.ProvisionAsync(request, log, default);
        await Provider.DeprovisionAsync(request.Resource, log, default);
        Assert.That((await Provider.StatusAsync(request.Resource, default)).State, Is.EqualTo(ObservedState.Missing));
    }

    [Test]
    public async Task Status_OfSomethingElseWithItsKey_IsMissing()
    {
        var database = await CreateAsync();
        Assert.That((await Provider.StatusAsync(database with { ExternalId = "other" }, default)).State, Is.EqualTo(ObservedState.Missing));
        await Provider.DeprovisionAsync(database with { ExternalId = "other" }, log, default);
        Assert.That((await Provider.StatusAsync(database, default)).State, Is.EqualTo(ObservedState.Running));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Rotate_WithAnOpenSession_ReplacesThePassword(bool endSessions)
    {
        var database = await CreateAsync();
        var old = await Provider.GetCredentialsAsync(database, null, default);
        await using var session = await Provider.OpenAsync(database);
        var rotation = new TestLog();
        await Provider.RotateAsync(database, null, endSessions, rotation, default);
        var current = await Provider.GetCredentialsAsync(database, null, default);
        Assert.That(current.Password, Is.Not.EqualTo(old.Password));
        Assert.That(rotation.Text, Does.Not.Contain(current.Password));
        await Provider.UntilReachableAsync(database);
        await Eventually.UntilAsync(
            async () => !await DatabaseClient.CanConnectAsync(DatabaseClient.ConnectionString(old)),
            "the old password is refused"
        );
        if (endSessions)
        {
            await Eventually.UntilAsync(async () => !await session.IsAliveAsync(), "the open session is ended");
        }
        else
        {
            Assert.That(await session.IsAliveAsync(), Is.True);
        }
    }

    [Test]
    public async Task Rotate_WhenRepeated_KeepsWhatTheUserOwns()
    {
        var database = await CreateAsync();
        await Provider.ExecuteAsync(database, "create table t (a int)");
        for (var i = 0; i < 3; i++)
        {
            await Provider.RotateAsync(database, null, endSessions: false, log, default);
            await Provider.UntilReachableAsync(database);
            await Provider.ExecuteAsync(database, "alter table t add column c" + i + " int");
        }
    }

    [Test]
    public async Task Freeze_WithAReason_RefusesChangesUntilUnfrozen()
    {
        var database = await CreateAsync();
        await Provider.ExecuteAsync(database, "create table t (a int); insert into t values (1)");
        foreach (var _ in new[] { 1, 2 })
        {
            var frozen = await Provider.FreezeAsync(database, "Ticket 'a\"; --", log, default);
            Assert.That((frozen.State, frozen.Note), Is.EqualTo((ObservedState.Frozen, "Ticket 'a\"; --")));
        }

        var connection = DatabaseClient.ConnectionString(await Provider.GetCredentialsAsync(database, null, default));
        Assert.That(
            async () => await DatabaseClient.ScalarAsync(connection, "set default_transaction_read_only = off; insert into t values (2)"),
            Throws.InstanceOf<NpgsqlException>()
        );
        Assert.That(await DatabaseClient.CanConnectAsync(connection), Is.EqualTo(FrozenIsReadable));
        Assert.That(
            async () => await Provider.RotateAsync(database, null, endSessions: true, log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Conflict)
        );
        foreach (var _ in new[] { 1, 2 })
        {
            Assert.That((await Provider.UnfreezeAsync(database, log, default)).State, Is.EqualTo(ObservedState.Running));
        }

        await Provider.UntilReachableAsync(database);
        Assert.That(await Provider.ScalarAsync(database, "insert into t values (3); select count(*) from t"), Is.EqualTo(2L));
    }

    [Test]
    public async Task RestartAndResize_KeepRowsAndCredentials()
    {
        var database = await CreateAsync();
        var before = await Provider.GetCredentialsAsync(database, null, default);
        await Provider.ExecuteAsync(database, "create table t as select 1 as a");
        Assert.That((await Provider.RestartAsync(database, log, default)).State, Is.EqualTo(ObservedState.Running));
        var larger = Spec() with { Settings = Tier with { MemoryMib = Tier.MemoryMib * 2, MaxConnections = Tier.MaxConnections + 7 } };
        var resize = new ProvisionRequest<DatabaseSpec>(database, larger);
        Assert.That((await Provider.ResizeAsync(resize, Spec(), log, default)).State, Is.EqualTo(ObservedState.Running));
        await Provider.UntilReachableAsync(database);
        Assert.That(await Provider.ScalarAsync(database, "select a from t"), Is.EqualTo(1));
        var after = await Provider.GetCredentialsAsync(database, null, default);
        Assert.That((after.User, after.Password), Is.EqualTo((before.User, before.Password)));
    }

    [Test]
    public async Task RepairAndAdopt_OfWhatIsAsRequested_ChangeNothing()
    {
        var request = Request();
        var database = Known(request, await Provider.ProvisionAsync(request, log, default));
        await Provider.UntilReachableAsync(database);
        await Provider.ExecuteAsync(database, "create table t as select 1 as a");
        var before = await Provider.GetCredentialsAsync(database, null, default);
        Assert.That(
            (await Provider.RepairAsync(request with { Resource = database }, log, default)).State,
            Is.EqualTo(ObservedState.Running)
        );
        Assert.That(
            (await Provider.AdoptAsync(request with { Resource = database }, log, default)).State,
            Is.EqualTo(ObservedState.Running)
        );
        await Provider.UntilReachableAsync(database);
        Assert.That(await Provider.ScalarAsync(database, "select a from t"), Is.EqualTo(1));
        Assert.That(await Provider.GetCredentialsAsync(database, null, default), Is.EqualTo(before));
        var described = await Provider.DescribeConnectionAsync(database, null, default);
        Assert.That(described with { Password = before.Password }, Is.EqualTo(before));
    }

    [Test]
    public async Task Users_OfEachRole_MayDoWhatItSays()
    {
        var database = await CreateAsync();
        await Provider.ExecuteAsync(database, "create schema s; create table s.old (a int); insert into s.old values (1)");
        foreach (var role in Enum.GetValues<DatabaseRole>())
        {
            await Provider.SaveUserAsync(database, new DatabaseUserSpec($"u_{role}", role), log, default);
            await Provider.SaveUserAsync(database, new DatabaseUserSpec($"u_{role}", role), log, default);
        }

        await Provider.ExecuteAsync(database, "create schema later; create table later.new (a int); insert into later.new values (1)");
        foreach (var role in Enum.GetValues<DatabaseRole>())
        {
            await Provider.UntilReachableAsync(database, $"u_{role}");
            await using var session = await Provider.OpenAsync(database, $"u_{role}");
            Assert.That(await session.ScalarAsync("select a from s.old"), Is.EqualTo(1));
            Assert.That(await session.ScalarAsync("select a from later.new"), Is.EqualTo(1));
            Assert.That(await MayAsync(session, "insert into later.new values (2)"), Is.EqualTo(role != DatabaseRole.ReadOnly));
            Assert.That(await MayAsync(session, "update s.old set a = 1"), Is.EqualTo(role != DatabaseRole.ReadOnly));
            Assert.That(await MayAsync(session, $"create table s.by_{role} (a int)"), Is.EqualTo(role == DatabaseRole.Owner));
        }

        Assert.That(
            (await Provider.ListUsersAsync(database, default)).Select(u => u.Role),
            Is.EquivalentTo(Enum.GetValues<DatabaseRole>())
        );
        await Provider.ExecuteAsync(database, "drop table s.by_owner");
        await Provider.ExecuteAsync(database, "create table s.kept (a int)", "u_Owner");
        await using var open = await Provider.OpenAsync(database, "u_Owner");
        await Provider.DropUserAsync(database, "u_Owner", log, default);
        await Provider.DropUserAsync(database, "u_Owner", log, default);
        Assert.That(await open.IsAliveAsync(), Is.False, "the session of a dropped user goes on");
        await Provider.ExecuteAsync(database, "drop table s.kept");
        Assert.That((await Provider.ListUsersAsync(database, default)).Select(u => u.Name), Has.None.EqualTo("u_Owner"));
    }

    [Test]
    public async Task User_WithAnExpiry_IsEndedThen()
    {
        var database = await CreateAsync();
        var (opened, expires) = await OpenShortLivedAsync(database, ShortLife);
        await using var session = opened;
        var connection = DatabaseClient.ConnectionString(await Provider.GetCredentialsAsync(database, "short", default));
        await Eventually.UntilAsync(
            async () =>
            {
                await Provider.ListAsync(default);
                return !await session.IsAliveAsync();
            },
            "the session ends with the user's time"
        );
        Assert.That(TimeProvider.System.GetUtcNow(), Is.GreaterThanOrEqualTo(expires));
        Assert.That(await DatabaseClient.CanConnectAsync(connection), Is.False);
        Assert.That((await Provider.ListUsersAsync(database, default)).Single().ExpiresAt, Is.EqualTo(expires));
    }

    // On a busy machine the user can expire before it has a session; then it gets a longer life.
    private async Task<(NpgsqlConnection Session, DateTimeOffset Expires)> OpenShortLivedAsync(ResourceRef database, TimeSpan life)
    {
        var expires = TimeProvider.System.GetUtcNow().Add(life);
        await Provider.SaveUserAsync(database, new DatabaseUserSpec("short", DatabaseRole.ReadOnly, expires), log, default);
        try
        {
            await Provider.UntilReachableAsync(database, "short");
            return (await Provider.OpenAsync(database, "short"), expires);
        }
        catch (Exception) when (TimeProvider.System.GetUtcNow() >= expires && life < TimeSpan.FromMinutes(1))
        {
            return await OpenShortLivedAsync(database, life * 4);
        }
    }

    [Test]
    public async Task User_WithItsOwnRotation_LeavesTheOthersAlone()
    {
        var database = await CreateAsync();
        await Provider.SaveUserAsync(database, new DatabaseUserSpec("ann", DatabaseRole.ReadWrite), log, default);
        await Provider.UntilReachableAsync(database, "ann");
        var (own, old) = (
            await Provider.GetCredentialsAsync(database, null, default),
            await Provider.GetCredentialsAsync(database, "ann", default)
        );
        await Provider.RotateAsync(database, "ann", endSessions: true, log, default);
        await Provider.UntilReachableAsync(database, "ann");
        Assert.That((await Provider.GetCredentialsAsync(database, "ann", default)).Password, Is.Not.EqualTo(old.Password));
        Assert.That((await Provider.GetCredentialsAsync(database, null, default)).Password, Is.EqualTo(own.Password));
        Assert.That(
            async () => await Provider.GetCredentialsAsync(database, "nobody", default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.NotFound)
        );
    }

    [TestCase("a\"; drop table t; --")]
    [TestCase("a'b\\")]
    [TestCase("$$x$$")]
    [TestCase("Ünï ☃")]
    public async Task User_WithAHostileName_IsOnlyAName(string name)
    {
        var database = await SharedAsync();
        await Provider.SaveUserAsync(database, new DatabaseUserSpec(name, DatabaseRole.ReadOnly), log, default);
        await Provider.UntilReachableAsync(database, name);
        Assert.That(await Provider.ScalarAsync(database, "select session_user::text", name), Is.EqualTo(name));
        await Provider.DropUserAsync(database, name, log, default);
        Assert.That((await Provider.ListUsersAsync(database, default)).Select(u => u.Name), Has.None.EqualTo(name));
    }

    [TestCase("")]
    [TestCase("sixty-four-bytes-are-one-too-many-for-the-name-of-a-postgres-role")]
    [TestCase("pg_monitor")]
    [TestCase("postgres")]
    [TestCase("a\0b")]
    public async Task User_WithAnImpossibleName_IsRefused(string name)
    {
        var database = await SharedAsync();
        Assert.That(
            async () => await Provider.SaveUserAsync(database, new DatabaseUserSpec(name, DatabaseRole.Owner), log, default),
            Throws.TypeOf<ExternalSystemException>().With.Property("Kind").EqualTo(ExternalFailure.Invalid)
        );
    }

    [TestCase(DeletionPolicy.Freeze)]
    [TestCase(DeletionPolicy.Archive)]
    public async Task Trash_AndUndelete_KeepRowsAndCredentials(DeletionPolicy policy)
    {
        var database = await CreateAsync();
        await Provider.ExecuteAsync(database, "create table t as select 42 as a");
        await Provider.SaveUserAsync(database, new DatabaseUserSpec("ann", DatabaseRole.ReadOnly), log, default);
        await Provider.UntilReachableAsync(database, "ann");
        var connection = DatabaseClient.ConnectionString(await Provider.GetCredentialsAsync(database, null, default));
        await using var session = await Provider.OpenAsync(database);
        var request = new ProvisionRequest<DatabaseSpec>(database, Spec() with { Settings = Tier with { DeletionPolicy = policy } });
        foreach (var _ in new[] { 1, 2 })
        {
            await Provider.TrashAsync(request, log, default);
            Assert.That(await session.IsAliveAsync(), Is.False, "the session of a deleted database goes on");
            Assert.That(await DatabaseClient.CanConnectAsync(connection), Is.False, "a deleted database accepts connections");
        }

        foreach (var _ in new[] { 1, 2 })
        {
            Assert.That((await Provider.UndeleteAsync(request, log, default)).State, Is.EqualTo(ObservedState.Running));
        }

        await Provider.UntilReachableAsync(database);
        Assert.That(await DatabaseClient.ScalarAsync(connection, "select a from t"), Is.EqualTo(42));
        Assert.That(await Provider.ScalarAsync(database, "select a from t", "ann"), Is.EqualTo(42));
        await Provider.ExecuteAsync(database, "insert into t values (43)");
    }

    [Test]
    public async Task Restore_ToATime_HasTheRowsOfThatTime()
    {
        var request = Request();
        var source = Known(request, await Provider.ProvisionAsync(request, log, default));
        await Provider.UntilReachableAsync(source);
        var backup = await Provider.BackUpAsync(request with { Resource = source }, log, default);
        await Provider.ExecuteAsync(source, "create table t as select 1 as a");
        var time = new DateTimeOffset((DateTime)(await Provider.ScalarAsync(source, "select clock_timestamp()"))!);
        await Provider.ExecuteAsync(source, "drop table t");
        await ArchiveAsync(source);
        var backups = await Eventually.GetAsync(
            () => Provider.FindRestorableAsync(source, default),
            b => b.LastRestorableAt >= time,
            "the time can be restored"
        );
        Assert.That(backups.Backups.Select(b => b.Id), Does.Contain(backup.Id));
        Assert.That(backups.FirstRestorableAt, Is.LessThanOrEqualTo(time));

        var restored = await RestoreAsync(source, new DatabaseOrigin(source.ExternalKey, source.ExternalName, time));
        Assert.That(await Provider.ScalarAsync(restored, "select a from t"), Is.EqualTo(1));
        await Provider.ExecuteAsync(restored, "insert into t values (2)");
        Assert.That(
            (await Provider.GetCredentialsAsync(restored, null, default)).Password,
            Is.Not.EqualTo((await Provider.GetCredentialsAsync(source, null, default)).Password)
        );
        var asBackedUp = await RestoreAsync(source, new DatabaseOrigin(source.ExternalKey, source.ExternalName, BackupId: backup.Id));
        Assert.That(await Provider.ScalarAsync(asBackedUp, "select to_regclass('t') is null"), Is.True);
    }

    [Test]
    public async Task Restore_OfADatabaseWithUsers_LetsNoneOfThemIn()
    {
        var request = Request();
        var source = Known(request, await Provider.ProvisionAsync(request, log, default));
        await Provider.UntilReachableAsync(source);
        await Provider.ExecuteAsync(source, "create table t as select 1 as a");
        await Provider.SaveUserAsync(source, new DatabaseUserSpec("ann", DatabaseRole.Owner), log, default);
        await Provider.UntilReachableAsync(source, "ann");
        var (own, ann) = (
            await Provider.GetCredentialsAsync(source, null, default),
            await Provider.GetCredentialsAsync(source, "ann", default)
        );
        var backup = await Provider.BackUpAsync(request with { Resource = source }, log, default);

        var restored = await RestoreAsync(source, new DatabaseOrigin(source.ExternalKey, source.ExternalName, BackupId: backup.Id));
        Assert.That(await Provider.ListUsersAsync(restored, default), Is.Empty);
        var address = await Provider.GetCredentialsAsync(restored, null, default);
        foreach (var old in new[] { own, ann })
        {
            var connection = DatabaseClient.ConnectionString(address with { User = old.User, Password = old.Password });
            Assert.That(await DatabaseClient.CanConnectAsync(connection), Is.False, $"{old.User} of the source");
        }

        await Provider.SaveUserAsync(restored, new DatabaseUserSpec("ann", DatabaseRole.ReadOnly), log, default);
        await Provider.UntilReachableAsync(restored, "ann");
        Assert.That((await Provider.GetCredentialsAsync(restored, "ann", default)).Password, Is.Not.EqualTo(ann.Password));
        await using var session = await Provider.OpenAsync(restored, "ann");
        Assert.That(await session.ScalarAsync("select a from t"), Is.EqualTo(1));
        Assert.That(await MayAsync(session, "insert into t values (2)"), Is.False);
    }

    [Test]
    public async Task RestoreInPlace_ToATime_KeepsCredentialsUsersAndTheReplacedRows()
    {
        var request = Request();
        var database = Known(request, await Provider.ProvisionAsync(request, log, default));
        request = request with { Resource = database };
        await Provider.UntilReachableAsync(database);
        await Provider.ExecuteAsync(database, "create table t (a int); insert into t values (1)");
        await Provider.SaveUserAsync(database, new DatabaseUserSpec("bob", DatabaseRole.Owner), log, default);
        await Provider.SaveUserAsync(database, new DatabaseUserSpec("eve", DatabaseRole.ReadWrite), log, default);
        await Provider.UntilReachableAsync(database, "eve");
        var eve = DatabaseClient.ConnectionString(await Provider.GetCredentialsAsync(database, "eve", default));
        await Provider.BackUpAsync(request, log, default);
        var target = new DateTimeOffset((DateTime)(await Provider.ScalarAsync(database, "select clock_timestamp()"))!);

        await Provider.DropUserAsync(database, "eve", log, default);
        await Provider.SaveUserAsync(database, new DatabaseUserSpec("bob", DatabaseRole.ReadOnly), log, default);
        await Provider.SaveUserAsync(database, new DatabaseUserSpec("ann", DatabaseRole.Owner), log, default);
        await Provider.ExecuteAsync(database, "delete from t; insert into t values (2)");
        await ArchiveAsync(database);
        await Eventually.GetAsync(
            () => Provider.FindRestorableAsync(database, default),
            b => b.LastRestorableAt >= target,
            "the time can be restored"
        );
        var before = await CredentialsAsync(database, "ann", "bob");
        await using var session = await Provider.OpenAsync(database);
        var plan = await Provider.PlanChangeAsync(database, DatabaseChange.RestoreInPlace, request.Spec, default);
        Assert.That((plan.Objections, plan.Downtime), Is.EqualTo((Array.Empty<DatabaseObjection>(), true)));

        var to = new DatabaseRestoreTarget(Guid.NewGuid(), target, null);
        var seen = await Provider.RestoreInPlaceAsync(request, to, log, default);
        Assert.That((seen.State, seen.ExternalId), Is.EqualTo((ObservedState.Running, database.ExternalId)), seen.Note);
        await Eventually.UntilAsync(async () => !await session.IsAliveAsync(), "the old session is ended");
        Assert.That(await CredentialsAsync(database, "ann", "bob"), Is.EqualTo(before));
        await Provider.UntilReachableAsync(database);
        Assert.That(await Provider.ScalarAsync(database, "select sum(a) from t"), Is.EqualTo(1L));
        Assert.That(await DatabaseClient.CanConnectAsync(eve), Is.False, "a user that was dropped after the time can log in");
        await Provider.UntilReachableAsync(database, "bob");
        await using (var reader = await Provider.OpenAsync(database, "bob"))
        {
            Assert.That(await reader.ScalarAsync("select sum(a) from t"), Is.EqualTo(1L));
            Assert.That(await MayAsync(reader, "insert into t values (5)"), Is.False, "the user has its role of then");
        }

        await Provider.ExecuteAsync(database, "create table made (a int)", "ann");
        await Provider.ExecuteAsync(database, "drop table made");
        Assert.That((await Provider.ListUsersAsync(database, default)).Select(u => u.Name), Is.EquivalentTo(new[] { "ann", "bob" }));

        // The answer was lost.
        await Provider.ExecuteAsync(database, "insert into t values (10)");
        await Provider.RestoreInPlaceAsync(request, to, log, default);
        Assert.That(await Provider.ScalarAsync(database, "select sum(a) from t"), Is.EqualTo(11L));

        var backups = (await Provider.ListBackupsAsync(database, default)).Backups;
        Assert.That(backups, Has.Count.EqualTo(3), "the first one, that of the replaced data and that of the restored ones");
        var origin = new DatabaseOrigin(database.ExternalKey, database.ExternalName);
        var replaced = await RestoreAsync(database, origin with { BackupId = backups[1].Id });
        Assert.That(await Provider.ScalarAsync(replaced, "select sum(a) from t"), Is.EqualTo(2L));
        await ArchiveAsync(database);
        var present = await RestoreAsync(database, origin);
        Assert.That(await Provider.ScalarAsync(present, "select sum(a) from t"), Is.EqualTo(11L));
    }

    [Test]
    public async Task ListExtensions_WhenOneIsCreated_ShowsItsVersion()
    {
        var database = await SharedAsync();
        await Provider.ExecuteAsync(database, "create extension if not exists citext");
        var known = await Provider.ListExtensionsAsync(database, default);
        var (made, other) = (known.Single(e => e.Name == "citext"), known.Single(e => e.Name == "file_fdw"));
        Assert.That((made.InstalledVersion, made.Trusted), Is.EqualTo((made.DefaultVersion, true)));
        Assert.That((other.InstalledVersion, other.Trusted), Is.EqualTo(((string?)null, false)));
        Assert.That(made.Comment, Is.Not.Empty);
    }

    [Test]
    public void Provision_WhenCancelled_EndsAsCancelled()
    {
        var request = Request();
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(5));
        Assert.That(async () => await Provider.ProvisionAsync(request, log, cancel.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(async () => await Provider.DeprovisionAsync(request.Resource, log, default), Throws.Nothing);
    }

    /// <summary>The provider on its system.</summary>
    protected abstract Task<IDatabaseProvider> StartAsync();

    protected virtual Task EndAsync() => Task.CompletedTask;

    /// <summary>Lets the provider archive now what it would archive after a while.</summary>
    protected virtual Task ArchiveAsync(ResourceRef database) => Task.CompletedTask;

    protected DatabaseSpec Spec() => new("contract") { Settings = Tier };

    protected ProvisionRequest<DatabaseSpec> Request(DatabaseOrigin? origin = null)
    {
        var number = Interlocked.Increment(ref names);
        var resource = new ResourceRef("database", $"wombat-{Guid.NewGuid():N}", $"contract-{number}", null);
        made.Add(resource);
        return new ProvisionRequest<DatabaseSpec>(resource, Spec() with { Origin = origin });
    }

    protected async Task<ResourceRef> CreateAsync()
    {
        var request = Request();
        var database = Known(request, await Provider.ProvisionAsync(request, log, default));
        await Provider.UntilReachableAsync(database);
        return database;
    }

    protected static ResourceRef Known(ProvisionRequest<DatabaseSpec> request, ResourceObservation observation) =>
        request.Resource with
        {
            ExternalId = observation.ExternalId,
        };

    private ResourceRef? shared;

    private async Task<ResourceRef> SharedAsync() => shared ??= await CreateAsync();

    private async Task<ResourceRef> RestoreAsync(ResourceRef source, DatabaseOrigin origin)
    {
        var request = Request(origin);
        var restored = Known(request, await Provider.ProvisionAsync(request, log, default));
        Assert.That(restored.ExternalId, Is.Not.EqualTo(source.ExternalId));
        await Provider.UntilReachableAsync(restored);
        return restored;
    }

    private async Task<string> CredentialsAsync(ResourceRef database, params string[] users)
    {
        var all = new List<DatabaseCredentials>();
        foreach (var user in users.Prepend(null))
        {
            all.Add(await Provider.GetCredentialsAsync(database, user, default));
        }

        return string.Join('\n', all);
    }

    private static async Task<bool> MayAsync(NpgsqlConnection session, string sql)
    {
        try
        {
            await session.ScalarAsync(sql);
            return true;
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return false;
        }
    }
}
