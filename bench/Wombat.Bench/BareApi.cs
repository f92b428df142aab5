using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Wombat.Bench;

/// <summary>
/// The baseline: a minimal HTTP API on the same tables with prepared statements, source-generated JSON and one round trip per request. No
/// credential, no validation, no EF Core, no MediatR. POST writes the same rows as Wombat, project and event (the tags follow by the
/// trigger of the database), in one transaction.
/// </summary>
internal static class BareApi
{
    private const string Columns = "id, name, unix_name, description, active, visibility, tags, created_at, updated_at, version";
    private static readonly Guid Token = Guid.CreateVersion7();

    public static async Task RunAsync(string connectionString, int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
            o.SerializerOptions.TypeInfoResolverChain.Insert(0, BareJson.Default);
        });
        await using var app = builder.Build();
        await using var data = NpgsqlDataSource.Create(connectionString);
        app.MapGet(
            "/projects/{id:guid}",
            async (Guid id) =>
            {
                await using var command = data.CreateCommand($"select {Columns} from projects where id = $1 and deleted_at is null");
                command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
                await using var reader = await command.ExecuteReaderAsync();
                return await reader.ReadAsync() ? Results.Ok(Read(reader)) : Results.NotFound();
            }
        );
        app.MapGet(
            "/projects",
            async (int? limit, Guid? before) =>
            {
                // The limit is a constant: with a parameter, PostgreSQL may plan every call.
                await using var command = data.CreateCommand(
                    $"select {Columns} from projects where deleted_at is null{(before is null ? "" : " and id < $1")} "
                        + $"order by id desc limit {limit ?? 20}"
                );
                if (before is { } id)
                {
                    command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
                }

                var items = new List<BareProject>();
                await using var reader = await command.ExecuteReaderAsync();
                while (await reader.ReadAsync())
                {
                    items.Add(Read(reader));
                }

                return Results.Ok(new BarePage(items));
            }
        );
        app.MapPost("/projects", async (BareNew body) => Results.Created("/projects", await InsertAsync(data, body)));
        await app.RunAsync();
    }

    private static async Task<BareProject> InsertAsync(NpgsqlDataSource data, BareNew body)
    {
        var now = DateTime.UtcNow;
        var made = new BareProject(
            Guid.CreateVersion7(),
            body.Name,
            body.UnixName,
            body.Description,
            true,
            body.Visibility,
            body.Tags,
            now,
            now,
            1
        );
        await using var batch = data.CreateBatch();
        var project = new NpgsqlBatchCommand($"insert into projects ({Columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
        project.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                P(made.Id),
                P(made.Name),
                P(made.UnixName),
                P(made.Description),
                P(made.Active),
                P(made.Visibility),
                P(made.Tags),
                P(now),
                P(now),
                P(1),
            }
        );
        var happened = new NpgsqlBatchCommand(
            "insert into events (id, at, actor, actor_id, through, action, target_type, target_id, project_id, outcome, "
                + "request_id, address, after) values ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, $10, $11, $12)"
        );
        happened.Parameters.AddRange(
            new NpgsqlParameter[]
            {
                P(Guid.CreateVersion7()),
                P(now),
                P("admin-token"),
                P(Token),
                P("token"),
                P("project.created"),
                P("project"),
                P(made.Id),
                P("success"),
                P("0123456789abcdef0123456789abcdef"),
                P("127.0.0.1"),
                new() { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = JsonSerializer.Serialize(made, BareJson.Default.BareProject) },
            }
        );
        batch.BatchCommands.Add(project);
        batch.BatchCommands.Add(happened);
        await batch.ExecuteNonQueryAsync();
        return made;
    }

    private static NpgsqlParameter<T> P<T>(T value) => new() { TypedValue = value };

    private static BareProject Read(NpgsqlDataReader r) =>
        new(
            r.GetGuid(0),
            r.GetString(1),
            r.GetString(2),
            r.GetString(3),
            r.GetBoolean(4),
            r.GetString(5),
            r.GetFieldValue<string[]>(6),
            r.GetDateTime(7),
            r.GetDateTime(8),
            r.GetInt32(9)
        );
}
