using System.Globalization;
using Wombat.Infrastructure.Processes;

namespace Wombat.Forge.Lxc;

/// <summary>
/// The images of the templates: one tar file each, which only root can read. An image is built under another name and renamed, so that a
/// build that was interrupted leaves no image.
/// </summary>
internal sealed class LxcImages(LxcFolders folders, LxcTools tools)
{
    private static readonly TimeSpan BuildTimeout = TimeSpan.FromMinutes(20);

    public bool IsCached(LxcTemplate template) => template.Version is not null && File.Exists(FileOf(template));

    /// <summary>Returns the file of the image, and builds it first if it does not exist.</summary>
    /// <exception cref="ForgeException">Unavailable: the image cannot be built; the message says why.</exception>
    public async Task<string> EnsureAsync(LxcTemplate template, CancellationToken cancel)
    {
        var file = FileOf(template);
        if (File.Exists(file))
        {
            return file;
        }

        PrivateFiles.EnsureFolder(folders.Images);
        await using var imageLock = await FileLock.AcquireAsync(
            Path.Combine(folders.Images, $".{template.Name}.lock"),
            $"building the image {template.Name}",
            BuildTimeout,
            cancel,
            interval: Progress.OfBuilds
        );
        if (!File.Exists(file))
        {
            await RemoveOldAsync(template, cancel);
            var seconds = template.BuildSeconds.ToString(CultureInfo.InvariantCulture);
            await Console.Error.WriteLineAsync($"Building the image {template.Name} (first use only, about {seconds} s)");
            await BuildAsync(template, file, cancel);
            await Console.Error.WriteLineAsync($"Built the image {template.Name}");
        }

        return file;
    }

    private async Task BuildAsync(LxcTemplate template, string file, CancellationToken cancel)
    {
        // The process id tells an interrupted build, whose programs may still be writing, from a later one.
        var work = $"{file}.{Environment.ProcessId}";
        var builder = new ImageBuilder(template.Name, work + ".tree", work + ".new", tools);
        try
        {
            if (template.IsBusybox)
            {
                await BusyboxImage.WriteAsync(LxcTools.Find("busybox"), builder.Archive, cancel);
            }
            else if (template.Suite is { } suite)
            {
                await builder.BootstrapAsync(suite, cancel);
            }
            else
            {
                await builder.UnpackAsync(template.Source, cancel);
            }

            File.SetUnixFileMode(builder.Archive, PrivateFiles.FileMode);
            File.Move(builder.Archive, file);
        }
        finally
        {
            await RemoveAsync([builder.Tree, builder.Archive], CancellationToken.None);
        }
    }

    // Images of earlier versions, what interrupted builds left, and the images of earlier versions of forge.
    private Task RemoveOldAsync(LxcTemplate template, CancellationToken cancel) =>
        RemoveAsync(
            [
                .. Directory.EnumerateFileSystemEntries(folders.Images, $"{template.Name}@*"),
                .. Directory.GetDirectories(folders.Path, ".cache"),
            ],
            cancel
        );

    private async Task RemoveAsync(IReadOnlyList<string> entries, CancellationToken cancel)
    {
        if (entries.Any(Path.Exists))
        {
            await tools.RunAsync("rm", ["-rf", "--one-file-system", .. entries], cancel, step: "removing old files");
        }
    }

    private string FileOf(LxcTemplate template) =>
        Path.Combine(
            folders.Images,
            $"{template.Name}@{template.Version ?? throw new ForgeException(ExitCode.Unavailable, Missing(template))}.tar"
        );

    private static string Missing(LxcTemplate template) =>
        template.IsBusybox
            ? "busybox is not installed on this server; an administrator must install it (Debian: apt-get install busybox-static)"
            : $"the file of the template {template.Name} does not exist; an administrator must check FORGE_LXC_TEMPLATES";
}
