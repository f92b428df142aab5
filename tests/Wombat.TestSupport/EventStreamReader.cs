using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace Wombat.TestSupport;

/// <summary>Reads text/event-stream as a browser does.</summary>
public static class EventStreamReader
{
    public static async IAsyncEnumerable<StreamEvent> ReadAsync(
        WombatClient client,
        string path,
        string? lastEventId = null,
        [EnumeratorCancellation] CancellationToken cancel = default
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }

        using var response = await client.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancel));
        string? id = null;
        string name = "message",
            data = "";
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Length > 0)
                {
                    yield return new StreamEvent(id, name, data);
                }

                (id, name, data) = (null, "message", "");
            }
            else if (line.StartsWith("id: ", StringComparison.Ordinal))
            {
                id = line[4..];
            }
            else if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                data = line[6..];
            }
        }
    }
}
