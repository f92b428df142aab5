namespace Wombat.Infrastructure.Persistence;

/// <summary>A string in a <see cref="SqlText"/> where PostgreSQL accepts no parameter, such as a password in ALTER ROLE, quoted.</summary>
internal readonly record struct SqlLiteral(string Value)
{
    public override string ToString() =>
        $" E'{Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
}
