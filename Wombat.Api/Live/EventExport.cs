using System.Text.Json;
using Wombat.Application.Audit;
using Wombat.Application.Common;

namespace Wombat.Api.Live;

/// <summary>Exports all matching events in order, one JSON object per line. Reads page by page in bounded memory.</summary>
internal sealed class EventExport(LiveResponse live)
{
    private static readonly byte[] LineEnd = [(byte)'\n'];

    public Task SendAsync(HttpContext http, ListEvents query) =>
        live.RunAsync(
            http,
            async cancel =>
            {
                string? cursor = query.Page.Cursor;
                do
                {
                    var asked = query with { Page = query.Page with { Cursor = cursor } };
                    var page = await live.ReadAsync(() => live.SendMessageAsync(http, asked, cancel), cancel);
                    if (!http.Response.HasStarted)
                    {
                        http.Response.ContentType = "application/x-ndjson; charset=utf-8";
                        await http.Response.StartAsync(cancel);
                    }

                    foreach (var one in page.Items)
                    {
                        await JsonSerializer.SerializeAsync(http.Response.Body, one, WombatJson.Options, cancel);
                        await http.Response.Body.WriteAsync(LineEnd, cancel);
                    }

                    cursor = page.NextCursor;
                } while (cursor is not null);
            }
        );
}
