using Npgsql;
using Wombat.Infrastructure.Configuration;

namespace Wombat.Infrastructure.Tests.Configuration;

public sealed class PostgresUrlTests
{
    private static readonly Dictionary<string, string> None = new(StringComparer.Ordinal);

    [Test]
    public void DatabaseUrl_WithEscapes_IsParsed()
    {
        var settings = WombatSettings.Read(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["DATABASE_URL"] = "postgres://us%40er:p%3Ass@db.example:6432/wombat?sslmode=verify-full",
            },
            None
        );
        var built = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        Assert.That(
            (built.Host, built.Port, built.Username, built.Password, built.Database, built.SslMode),
            Is.EqualTo(("db.example", 6432, "us@er", "p:ss", "wombat", SslMode.VerifyFull))
        );
    }

    [TestCase("postgres://u:p@db.example/w?channel_binding=require&sslmode=require", "Channel Binding", "Require")]
    [TestCase("postgres://u:p@pg1,pg2:5433/w?target_session_attrs=read-write", "Target Session Attributes", "read-write")]
    [TestCase("postgres://u:p@pg1:5432,pg2:5433/w", "Host", "pg1:5432,pg2:5433")]
    [TestCase("postgresql://u@[::1]:5433/w", "Host", "::1")]
    [TestCase("postgresql://u@[::1]:5433/w", "Port", "5433")]
    [TestCase("postgres://u@%2Fvar%2Frun%2Fpostgresql/w", "Host", "/var/run/postgresql")]
    [TestCase("postgres:///w?host=/var/run/postgresql&user=me", "Username", "me")]
    [TestCase("postgres://u@db.example/w?sslmode=verify-ca&sslrootcert=/etc/ca.pem", "Root Certificate", "/etc/ca.pem")]
    [TestCase("postgres://u@db.example/w?options=-c%20search_path%3Dapp", "Options", "-c search_path=app")]
    [TestCase("postgres://u@db.example/w?connect_timeout=7&keepalives=1&keepalives_count=3&gssencmode=disable", "Timeout", "7")]
    [TestCase("postgres://u@db.example/w?Maximum%20Pool%20Size=7", "Maximum Pool Size", "7")]
    public void DatabaseUrl_WithLibpqParameters_IsParsed(string url, string name, string value)
    {
        var settings = WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["DATABASE_URL"] = url }, None);
        Assert.That(new NpgsqlConnectionStringBuilder(settings.ConnectionString)[name].ToString(), Is.EqualTo(value));
    }

    [TestCase("postgres://u:s3cret@db.example/w?sslmod=require", "DATABASE_URL: has the unknown parameter 'sslmod'")]
    [TestCase("postgres://u:s3cret@db.example/w?sslmode=s3cret", "DATABASE_URL: has an invalid value of the parameter 'sslmode'")]
    [TestCase("postgres://u:s3cret@db.example:many/w", "DATABASE_URL: has an invalid value of the parameter 'port'")]
    [TestCase("postgres://u:s3cret@/w", "DATABASE_URL: contains no host")]
    public void DatabaseUrl_WhenInvalid_NamesTheParameter(string url, string message) =>
        Assert.That(
            () => WombatSettings.Read(new Dictionary<string, string>(StringComparer.Ordinal) { ["DATABASE_URL"] = url }, None),
            Throws.TypeOf<SettingsException>().With.Message.EqualTo(message)
        );
}
