using System.Diagnostics.CodeAnalysis;

namespace Wombat.Api.Page;

/// <summary>
/// The files of the built web page, read once at the start: about 2 MB. A request names one of them or none, so that no path of a request
/// reaches the file system.
/// </summary>
internal sealed class PageFiles
{
    public const string AssetFolder = "/assets";

    private static readonly Dictionary<string, string> ContentTypes = new(StringComparer.OrdinalIgnoreCase)
    {
        [".css"] = "text/css; charset=utf-8",
        [".html"] = "text/html; charset=utf-8",
        [".ico"] = "image/x-icon",
        [".js"] = "text/javascript; charset=utf-8",
        [".json"] = "application/json; charset=utf-8",
        [".png"] = "image/png",
        [".svg"] = "image/svg+xml",
        [".txt"] = "text/plain; charset=utf-8",
        [".webmanifest"] = "application/manifest+json",
        [".woff2"] = "font/woff2",
    };

    private readonly Dictionary<string, PageFile> byPath;

    private PageFiles(Dictionary<string, PageFile> byPath) => this.byPath = byPath;

    /// <summary>The page for every address of it; null if the page was not built.</summary>
    public PageFile? Index => byPath.GetValueOrDefault("/index.html");

    /// <param name="folder">Without it there are no files.</param>
    public static PageFiles Read(string folder)
    {
        var files = Directory.Exists(folder)
            ? Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .ToDictionary(f => "/" + Path.GetRelativePath(folder, f).Replace('\\', '/'), File.ReadAllBytes, StringComparer.Ordinal)
            : [];
        return new PageFiles(
            files
                .Where(f => !IsCompressedForm(f.Key, files))
                .ToDictionary(
                    f => f.Key,
                    f => new PageFile(
                        ContentTypes.GetValueOrDefault(Path.GetExtension(f.Key), "application/octet-stream"),
                        f.Key.StartsWith(AssetFolder + "/", StringComparison.Ordinal),
                        f.Value,
                        files.GetValueOrDefault(f.Key + ".br"),
                        files.GetValueOrDefault(f.Key + ".gz")
                    ),
                    StringComparer.Ordinal
                )
        );
    }

    public bool TryGet(string? path, [NotNullWhen(true)] out PageFile? file)
    {
        file = null;
        return path is not null && byPath.TryGetValue(path, out file);
    }

    private static bool IsCompressedForm(string path, Dictionary<string, byte[]> files) =>
        Path.GetExtension(path) is ".br" or ".gz" && files.ContainsKey(path[..^3]);
}
