using Npgsql;
using Wombat.Infrastructure.Persistence;
using Wombat.TestSupport;

namespace Wombat.Infrastructure.Tests.Persistence;

public sealed class SqlTextTests
{
    private NpgsqlDataSource database = null!;

    [OneTimeSetUp]
    public async Task Start() => database = NpgsqlDataSource.Create(await SharedPostgres.NewDatabaseAsync());

    [OneTimeTearDown]
    public async Task Stop() => await database.DisposeAsync();

    [TestCase("'; drop table x; --")]
    [TestCase("$1 \"quoted\"")]
    public async Task Value_WhenInterpolated_IsNotPartOfTheText(string value)
    {
        Assert.That(await database.ScalarAsync<string>($"select {value} || '!'", default), Is.EqualTo(value + "!"));
    }

    [Test]
    public async Task Value_WhenNull_IsNullInSql()
    {
        Guid? id = null;
        string? text = null;
        byte[]? bytes = null;
        Assert.That(await database.ScalarAsync<bool>($"select {id} is null and {text} is null and {bytes} is null", default), Is.True);
        Assert.That(await database.ScalarAsync<long?>($"select null::bigint", default), Is.Null);
    }

    [Test]
    public async Task Value_WhenInterpolated_KeepsItsType()
    {
        var at = new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);
        Guid? id = Guid.NewGuid();
        var row = await database.QueryAsync(
            $"select {at} + {TimeSpan.FromHours(1)}, {id}, {new[] { 1, 2 }}, {new DateOnly(2026, 11, 26)} + 1",
            r => (r.GetFieldValue<DateTimeOffset>(0), r.GetGuid(1), r.GetFieldValue<int[]>(2), r.GetFieldValue<DateOnly>(3)),
            default
        );

        Assert.That(row[0].Item1, Is.EqualTo(at.AddHours(1)));
        Assert.That(row[0].Item2, Is.EqualTo(id));
        Assert.That(row[0].Item3, Is.EqualTo(new[] { 1, 2 }));
        Assert.That(row[0].Item4, Is.EqualTo(new DateOnly(2026, 11, 27)));
    }

    [Test]
    public async Task Name_WhenInterpolated_IsQuoted()
    {
        await database.ExecuteAsync($"create table {new SqlName("odd \" name")} (x int)", default);

        Assert.That(await database.ExecuteAsync($"insert into {new SqlName("odd \" name")} values ({1}), ({2})", default), Is.EqualTo(2));
    }
}
