using System.Runtime.CompilerServices;
using System.Text;
using Npgsql;

namespace Wombat.Infrastructure.Persistence;

/// <summary>
/// SQL written as an interpolated string: each value becomes a typed parameter ($1, $2, …) and never part of the text. The name of a
/// table or column is interpolated as a <see cref="SqlName"/>, a string in a statement without parameters as a <see cref="SqlLiteral"/>.
/// </summary>
[InterpolatedStringHandler]
internal sealed class SqlText(int literalLength, int formattedCount)
{
    private readonly StringBuilder text = new(literalLength + (formattedCount * 3));
    private readonly List<NpgsqlParameter> parameters = new(formattedCount);

    public void AppendLiteral(string literal) => text.Append(literal);

    public void AppendFormatted<T>(T value)
    {
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value });
        text.Append('$').Append(parameters.Count);
    }

    public void AppendFormatted(SqlName name) => text.Append(name.ToString());

    public void AppendFormatted(SqlLiteral literal) => text.Append(literal.ToString());

    public NpgsqlCommand CreateCommand(NpgsqlDataSource database) => AddParameters(database.CreateCommand(text.ToString()));

    public NpgsqlCommand CreateCommand(NpgsqlConnection connection) => AddParameters(new NpgsqlCommand(text.ToString(), connection));

    public NpgsqlBatchCommand CreateBatchCommand()
    {
        var command = new NpgsqlBatchCommand(text.ToString());
        parameters.ForEach(p => command.Parameters.Add(p));
        return command;
    }

    private NpgsqlCommand AddParameters(NpgsqlCommand command)
    {
        parameters.ForEach(p => command.Parameters.Add(p));
        return command;
    }
}
