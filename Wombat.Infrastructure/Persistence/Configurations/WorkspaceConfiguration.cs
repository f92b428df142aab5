using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Wombat.Domain.Commands;
using Wombat.Domain.Projects;
using Wombat.Domain.Resources;

namespace Wombat.Infrastructure.Persistence.Configurations;

internal sealed class WorkspaceConfiguration : IEntityTypeConfiguration<Workspace>
{
    public void Configure(EntityTypeBuilder<Workspace> builder)
    {
        builder.ToTable("workspaces", t => t.HasCheckConstraint("ck_workspaces_place", "(path is null) <> (source is null)"));
        builder.HasKey(w => w.Id).HasName("pk_workspaces");
        builder.Property(w => w.Id).ValueGeneratedNever();
        builder.Property(w => w.Name).HasMaxLength(Workspace.NameMax);
        builder.Property(w => w.Path).HasMaxLength(Workspace.PathMax);
        builder.Property(w => w.Source!).HasJsonConversion();
        builder.Property(w => w.HostName).HasMaxLength(HostIdentity.NameMax);
        builder.HasIndex(w => new { w.ProjectId, w.Name }).IsUnique().AreNullsDistinct(false).HasDatabaseName("ux_workspaces_name");
        builder
            .HasOne<Project>()
            .WithMany()
            .HasForeignKey(w => w.ProjectId)
            .HasConstraintName("fk_workspaces_project")
            .OnDelete(DeleteBehavior.Restrict);
    }
}
