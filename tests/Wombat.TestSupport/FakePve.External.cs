namespace Wombat.TestSupport;

/// <summary>What others do with the guests of the simulated server.</summary>
public sealed partial class FakePve
{
    public int AddForeignGuest(bool onOtherNode = false, string name = "stranger")
    {
        lock (gate)
        {
            var id = NextId();
            guests[id] = new Ct
            {
                Hostname = name,
                Status = "running",
                Node = onOtherNode ? OtherNode : Node,
            };
            return id;
        }
    }

    /// <summary>A clone by an administrator: it has the notes and tags of its source.</summary>
    public int CloneExternally(int id)
    {
        lock (gate)
        {
            var (copy, source) = (NextId() + 100, guests[id]);
            guests[copy] = new Ct
            {
                Hostname = "copy",
                Status = "running",
                Description = source.Description,
                Tags = source.Tags,
            };
            return copy;
        }
    }

    public void RetagExternally(int id, string tags) => guests[id].Tags = tags;

    public string NotesOf(int id) => guests[id].Description;

    public void WriteNotesExternally(int id, string notes) => guests[id].Description = notes;

    public string? StatusOf(int id) => guests.GetValueOrDefault(id)?.Status;

    public void StopExternally(int id) => guests[id].Status = "stopped";

    public void RemoveExternally(int id) => guests.TryRemove(id, out _);
}
