using Microsoft.EntityFrameworkCore;
using Npgsql;
using Wombat.Domain.Audit;
using Wombat.Domain.Common;
using Wombat.Domain.Projects;
using Wombat.Infrastructure.Persistence;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Persistence;

public sealed class WombatDbContextTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private string connectionString = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        connectionString = await SharedPostgres.NewMigratedDatabaseAsync();
    }

    [Test]
    public async Task Migrations_ComparedWithTheModel_AreCurrent()
    {
        await using var context = Context();
        Assert.That(context.Database.HasPendingModelChanges(), Is.False, "run 'make migration NAME=…'");
    }

    [Test]
    public async Task SaveChanges_OfSeveralRows_IsAtomic()
    {
        await using var context = Context();
        var id = Guid.NewGuid();
        context.Projects.Add(NewProject("all-or-nothing"));
        context.Events.Add(NewEvent(id, "one.thing"));
        await context.SaveChangesAsync();

        // The project is written before its event, whose key is taken: neither may remain.
        await using var second = Context();
        second.Projects.Add(NewProject("left-behind"));
        second.Events.Add(NewEvent(id, "one.thing"));
        Assert.That(async () => await second.SaveChangesAsync(), Throws.InstanceOf<DbUpdateException>());
        await using var third = Context();
        Assert.That(await third.Projects.AnyAsync(p => p.UnixName == "left-behind"), Is.False);

        // The event is written first, then a row that violates a constraint.
        await using var fourth = Context();
        var other = Guid.NewGuid();
        fourth.Events.Add(NewEvent(other, "other.thing"));
        var taken = NewProject("all-or-nothing");
        fourth.Projects.Add(taken);
        Assert.That(
            async () => await fourth.SaveChangesAsync(),
            Throws.TypeOf<ConflictException>().With.Property("Code").EqualTo("project_exists")
        );
        Assert.That(await third.Events.AnyAsync(e => e.Id == other), Is.False);
    }

    [TestCase("update projects set unix_name = 'Bad Name'")]
    [TestCase("update projects set name = 'x'")]
    [TestCase("update projects set visibility = 'secret'")]
    public async Task Constraints_WhenViolatedBySql_RejectTheChange(string sql)
    {
        await using var context = Context();
        context.Projects.Add(NewProject($"checked-{Guid.NewGuid():N}"[..20] + "x"));
        await context.SaveChangesAsync();
        await using var data = NpgsqlDataSource.Create(connectionString);
        await using var command = data.CreateCommand(sql);
        Assert.That(
            async () => await command.ExecuteNonQueryAsync(),
            Throws.TypeOf<PostgresException>().With.Property("SqlState").EqualTo(PostgresErrorCodes.CheckViolation)
        );
    }

    private WombatDbContext Context() => new(new DbContextOptionsBuilder<WombatDbContext>().UseNpgsql(connectionString).Options);

    private static Project NewProject(string unixName) =>
        Project.Create("Some name", unixName, new ProjectDetails("", Active: true, Visibility.Private, ["a"]), Now);

    private static Event NewEvent(Guid id, string action) =>
        new()
        {
            Id = id,
            At = Now,
            Actor = "a",
            Through = "test",
            Action = action,
            TargetType = "t",
            Outcome = "success",
        };
}
